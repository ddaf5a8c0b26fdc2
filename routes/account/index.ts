import type { Deps } from "../../src/deps/deps.ts";
import { type Wing, wing } from "../wing.ts";
import { accountActivityRoutes } from "./activity.tsx";
import { addressRoutes } from "./address.tsx";
import { accountApplicationRoutes } from "./applications.tsx";
import { authenticatorAppRoutes } from "./authenticator_app.tsx";
import { accountDataRoutes } from "./data.tsx";
import { accountOverviewRoutes } from "./overview.tsx";
import { accountPasskeyRoutes } from "./passkeys.tsx";
import { accountPasswordRoutes } from "./password.tsx";
import { accountProfileRoutes } from "./profile.tsx";
import { recoveryCodeRoutes } from "./recovery_codes.tsx";
import { accountRequestRoutes } from "./requests.tsx";
import { securityRoutes } from "./security.tsx";
import { accountSessionRoutes } from "./sessions.tsx";

/** The pages of the user's own account. */
export function accountWing(deps: Deps): Wing {
  return wing(deps, [
    ...accountOverviewRoutes(deps),
    ...accountProfileRoutes(deps),
    ...accountSessionRoutes(deps),
    ...accountApplicationRoutes(deps),
    ...accountRequestRoutes(deps),
    ...accountActivityRoutes(deps),
    ...accountDataRoutes(deps),
    ...accountPasskeyRoutes(deps),
    ...securityRoutes(deps),
    ...accountPasswordRoutes(deps),
    ...authenticatorAppRoutes(deps),
    ...recoveryCodeRoutes(deps),
    ...addressRoutes(deps),
  ]);
}
