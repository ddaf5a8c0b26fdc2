import { pushAuthorizationRequest } from "../../src/authorize/push.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
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
    // For a client with a secret only failures count. A client without one could be anybody, and each
    // push stores a record.
    if (request.credentials.method === "none") {
      assertPassed(await reserveRoute(deps, request.origin, "/par", { storesForStranger: true }));
    }
    const pushed = await withClientLimit(
      deps,
      request,
      () => pushAuthorizationRequest(deps, request),
    );
    return json(pushed, 201);
  })];
}
