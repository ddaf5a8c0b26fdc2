import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, json, type PlainEndpoint } from "../plain_endpoint.ts";

/** The pushed authorization request endpoint. @see RFC 9126 section 2 */
export function parRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(deps, {
      path: "/par",
      cors: true,
      metadata: "pushed_authorization_request_endpoint",
      proof: true,
      stores: true,
    }, async () => {
      const { pushAuthorizationRequest } = await import("../../src/authorize/push.ts");
      return async (request) => json(await pushAuthorizationRequest(deps, request), 201);
    }),
  ];
}
