import type { Deps } from "../../src/deps/deps.ts";
import { json, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** The pushed authorization request endpoint. @see RFC 9126 section 2 */
export function parRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/par",
      methods: ["POST"],
      kind: "client",
      cors: true,
      noStore: true,
      dpopNonce: true,
      counted: "failures",
      authenticates: "client",
      metadata: "pushed_authorization_request_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      const { assertMayStore } = await import("../../src/limits/route.ts");
      const { pushAuthorizationRequest } = await import("../../src/authorize/push.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: true });
        await assertMayStore(deps, request, "/par");
        const work = () => pushAuthorizationRequest(deps, request);
        return json(await withClientLimit(deps, request, work), 201);
      };
    }),
  )];
}
