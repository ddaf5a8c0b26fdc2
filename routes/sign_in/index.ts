import type { Deps } from "../../src/deps/deps.ts";
import { type Wing, wing } from "../wing.ts";
import { deviceRoutes } from "./device.tsx";
import { errorPageRoutes } from "../http/error_page.tsx";
import { assetRoutes } from "./assets.ts";
import { authorizeRoutes } from "./authorize.ts";
import { checkSessionRoutes } from "./check_session.tsx";
import { clientLogoRoutes } from "./client_logo.ts";
import { consentRoutes } from "./consent.tsx";
import { formAddressRoutes } from "./form_addresses.tsx";
import { homeRoutes } from "./home.tsx";
import { invitationRoutes } from "./invitation.tsx";
import { loginRoutes } from "./login.tsx";
import { passkeySignInRoutes } from "./login_passkey.ts";
import { logoutRoutes } from "./logout.tsx";
import { magicLinkRoutes } from "./magic_link.tsx";
import { passwordResetRoutes } from "./password_reset.tsx";
import { secondFactorRoutes } from "./second_factor.tsx";
import { sessionRoutes } from "./session.ts";
import { setupRoutes } from "./setup.tsx";
import { signUpRoutes } from "./sign_up.tsx";

/** The pages that users open in their browser on the way to a client and back. */
export function signInWing(deps: Deps): Wing {
  return wing(deps, [
    ...formAddressRoutes(), // before the pages, because some of them have the same URLs
    ...authorizeRoutes(deps),
    ...loginRoutes(deps),
    ...passkeySignInRoutes(deps),
    ...magicLinkRoutes(deps),
    ...signUpRoutes(deps),
    ...invitationRoutes(deps),
    ...secondFactorRoutes(deps),
    ...consentRoutes(deps),
    ...deviceRoutes(deps),
    ...logoutRoutes(deps),
    ...checkSessionRoutes(deps),
    ...sessionRoutes(deps),
    ...passwordResetRoutes(deps),
    ...setupRoutes(deps),
    ...homeRoutes(deps),
    ...errorPageRoutes(deps),
    ...assetRoutes(deps),
    ...clientLogoRoutes(deps),
  ]);
}
