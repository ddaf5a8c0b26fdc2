import type { Deps } from "../../src/deps/deps.ts";
import { type Wing, wing } from "../wing.ts";
import { wellKnown } from "./discovery.ts";
import { protectedResourceRoutes } from "./protected_resource.ts";
import { sessionTokenRoutes } from "./session_token.tsx";
import { wellKnownForPeople } from "./well_known.ts";

/** The endpoints for programs in browsers. Their answers depend on cookies or on the page that asks. */
export function protocolWing(deps: Deps): Wing {
  return wing(
    deps,
    [
      ...wellKnownForPeople(deps),
      ...protectedResourceRoutes(deps),
      ...sessionTokenRoutes(deps),
    ],
    { "/.well-known": wellKnown },
  );
}
