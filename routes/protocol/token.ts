import type { Deps } from "../../src/deps/deps.ts";
import { json, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** The token endpoint. @see RFC 6749 section 3.2 */
export function tokenRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/token",
      methods: ["POST"],
      kind: "client",
      cors: true,
      noStore: true,
      dpopNonce: true,
      counted: "failures",
      authenticates: "client",
      metadata: "token_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      const { exchange } = await import("../../src/grants/index.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: true });
        return json(await withClientLimit(deps, request, () => exchange(deps, request)));
      };
    }),
  )];
}
