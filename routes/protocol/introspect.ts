import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { introspect } from "../../src/presented/introspection.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";

/** The introspection endpoint. @see RFC 7662 section 2 */
export function introspectRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint({
    path: "/introspect",
    methods: ["POST"],
    kind: "client",
    noStore: true,
    counted: "failures",
    authenticates: "client",
    metadata: "introspection_endpoint",
  }, async (incoming) => {
    const request = await readClientRequest(incoming, deps, { proof: false });
    return json(await withClientLimit(deps, request, () => introspect(deps, request)));
  })];
}
