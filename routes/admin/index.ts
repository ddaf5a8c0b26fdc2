import type { Deps } from "../../src/deps/deps.ts";
import { type Wing, wing } from "../wing.ts";
import { auditEventRoutes } from "./audit_events.ts";
import { authorizationDetailTypeRoutes } from "./authorization_detail_types.ts";
import { clientMessageRoutes } from "./client_messages.ts";
import { clientRoutes } from "./clients.ts";
import { apiFacts } from "./http/endpoints.ts";
import { customClaimRoutes } from "./custom_claims.ts";
import { encryptionKeyRoutes } from "./encryption_keys.ts";
import { groupRoutes } from "./groups.ts";
import { initialAccessTokenRoutes } from "./initial_access_tokens.ts";
import { invitationAdminRoutes } from "./invitations.ts";
import { mailRoutes } from "./mail.ts";
import { maintenanceRoutes } from "./maintenance.ts";
import { trustedIssuerRoutes, workloadIssuerRoutes } from "./other_issuers.ts";
import { rateLimitRoutes } from "./rate_limits.ts";
import { resourceRoutes } from "./resources.ts";
import { adminSessionRoutes } from "./sessions.ts";
import { signingKeyRoutes } from "./signing_keys.ts";
import { userRoutes } from "./users.ts";

/** The admin API, for programs with an access token: no cookies, no pages, no CORS. */
export function adminWing(deps: Deps): Wing {
  return wing(deps, [
    ...userRoutes(deps),
    ...invitationAdminRoutes(deps),
    ...clientRoutes(deps),
    ...initialAccessTokenRoutes(deps),
    ...adminSessionRoutes(deps),
    ...resourceRoutes(deps),
    ...groupRoutes(deps),
    ...customClaimRoutes(deps),
    ...authorizationDetailTypeRoutes(deps),
    ...trustedIssuerRoutes(deps),
    ...workloadIssuerRoutes(deps),
    ...signingKeyRoutes(deps),
    ...encryptionKeyRoutes(deps),
    ...auditEventRoutes(deps),
    ...rateLimitRoutes(deps),
    ...clientMessageRoutes(deps),
    ...mailRoutes(deps),
    ...maintenanceRoutes(deps),
  ], { "/api": apiFacts });
}
