import type { Deps } from "../../src/deps/deps.ts";
import { loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** The revocation endpoint. @see RFC 7009 section 2 */
export function revokeRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/revoke",
      methods: ["POST"],
      kind: "client",
      cors: true,
      noStore: true,
      counted: "failures",
      authenticates: "client",
      metadata: "revocation_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      const { revoke } = await import("../../src/presented/revocation.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: false });
        await withClientLimit(deps, request, () => revoke(deps, request));
        return { status: 200, body: null, headers: {} };
      };
    }),
  )];
}
