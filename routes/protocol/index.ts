import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoint } from "../endpoint.ts";
import { type Wing, wing } from "../wing.ts";
import { discoveryRoutes, wellKnown } from "./discovery.ts";
import { healthRoutes } from "./health.ts";
import { wellKnownForPeople } from "./well_known.ts";
import { introspectRoutes } from "./introspect.ts";
import { parRoutes } from "./par.ts";
import { revokeRoutes } from "./revoke.ts";
import { sessionTokenRoutes } from "./session_token.tsx";
import { tokenRoutes } from "./token.ts";
import { userinfoRoutes } from "./userinfo.ts";

/**
 * What clients call, and what watches the process.
 *
 * @param others endpoints of other wings that the discovery document may name
 */
export function protocolWing(deps: Deps, others: readonly Endpoint[]): Wing {
  const called = [
    ...tokenRoutes(deps),
    ...parRoutes(deps),
    ...userinfoRoutes(deps),
    ...introspectRoutes(deps),
    ...revokeRoutes(deps),
    ...sessionTokenRoutes(deps),
    ...healthRoutes(deps),
  ];
  return wing(
    deps,
    [
      ...discoveryRoutes(deps, [...called, ...others]),
      ...wellKnownForPeople(deps),
      ...called,
    ],
    { "/.well-known": wellKnown },
  );
}
