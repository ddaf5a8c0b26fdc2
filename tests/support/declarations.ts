import { wingsOf } from "../../routes/browser_app.ts";
import type { Declaration } from "../../routes/declaration.ts";
import { plainEndpoints } from "../../routes/protocol/index.ts";
import type { Deps } from "../../src/deps/deps.ts";

/** All endpoints of a server. */
export function declaredIn(deps: Deps): Declaration[] {
  return [...wingsOf(deps).flatMap(({ endpoints }) => endpoints), ...plainEndpoints(deps)];
}
