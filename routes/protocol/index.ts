import type { Deps } from "../../src/deps/deps.ts";
import type { PlainEndpoint } from "../plain_endpoint.ts";
import { backchannelAuthenticationRoutes } from "./backchannel_authentication.ts";
import { deviceAuthorizationRoutes } from "./device_authorization.ts";
import { discoveryRoutes } from "./discovery.ts";
import { healthRoutes } from "./health.ts";
import { introspectRoutes } from "./introspect.ts";
import { parRoutes } from "./par.ts";
import { registerRoutes } from "./register.ts";
import { revokeRoutes } from "./revoke.ts";
import { tokenRoutes } from "./token.ts";
import { userinfoRoutes } from "./userinfo.ts";

/** The endpoints for clients and for monitoring. */
export function plainEndpoints(deps: Deps): PlainEndpoint[] {
  const called = [
    ...tokenRoutes(deps),
    ...parRoutes(deps),
    ...deviceAuthorizationRoutes(deps),
    ...backchannelAuthenticationRoutes(deps),
    ...userinfoRoutes(deps),
    ...introspectRoutes(deps),
    ...revokeRoutes(deps),
    ...registerRoutes(deps),
    ...healthRoutes(deps),
  ];
  return [...discoveryRoutes(deps, called), ...called];
}
