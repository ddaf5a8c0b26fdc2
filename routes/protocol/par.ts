import { pushAuthorizationRequest } from "../../src/authorize/push.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { assertMayStore } from "../../src/limits/route.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";

/** The pushed authorization request endpoint. @see RFC 9126 section 2 */
export function parRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint({
    path: "/par",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    authenticates: "client",
    metadata: "pushed_authorization_request_endpoint",
  }, async (incoming) => {
    const request = await readClientRequest(incoming, deps, { proof: true });
    await assertMayStore(deps, request, "/par");
    const work = () => pushAuthorizationRequest(deps, request);
    return json(await withClientLimit(deps, request, work), 201);
  })];
}
