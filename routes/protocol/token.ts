import type { Deps } from "../../src/deps/deps.ts";
import { exchange } from "../../src/grants/index.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";

/** The token endpoint. @see RFC 6749 section 3.2 */
export function tokenRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint({
    path: "/token",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    authenticates: "client",
    metadata: "token_endpoint",
  }, async (incoming) => {
    const request = await readClientRequest(incoming, deps, { proof: true });
    return json(await withClientLimit(deps, request, () => exchange(deps, request)));
  })];
}
