import { accountStep } from "../../src/account/account_step.ts";
import { hasUseForRecoveryCodes } from "../../src/account/recovery_codes.ts";
import {
  recoveryCodeCount,
  recoveryCodesLeft,
} from "../../src/authn/second_factor/recovery_codes.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import { SecurityPage } from "../../src/ui/account/security_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { frameOf, page } from "../http/page.tsx";
import { accountRequest } from "./http.ts";

const path = "/account/security";

/** The page of the user's sign-in methods. */
export function securityRoutes(deps: Deps): Pages {
  return pages().get(path, async (c) => {
    const request = await accountRequest(c, deps, path);
    const shown = await accountStep(deps, request, { recent: false }, (_, live) => {
      const { value } = live.user;
      const useful = hasUseForRecoveryCodes(value) || value.recoveryCodes !== null;
      return {
        user: { name: displayName(live) },
        hasPassword: value.passwordHash !== null,
        passkeys: value.passkeys.length,
        hasApp: value.totp !== null,
        recoveryCodes: useful ? { left: recoveryCodesLeft(value), all: recoveryCodeCount } : null,
      };
    });
    return page(c, <SecurityPage frame={frameOf(c)} {...shown} />);
  });
}
