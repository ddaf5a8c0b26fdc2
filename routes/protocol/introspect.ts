import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { introspect } from "../../src/presented/introspection.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";

/** The introspection endpoint. @see RFC 7662 section 2 */
export function introspectRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/introspect",
    methods: ["POST"],
    kind: "client",
    noStore: true,
    counted: "failures",
    metadata: "introspection_endpoint",
  }, async (c) => {
    const request = await readClientRequest(c, deps, { proof: false });
    return c.json(await withClientLimit(deps, request, () => introspect(deps, request)));
  })];
}
