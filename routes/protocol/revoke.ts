import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, type PlainEndpoint } from "../plain_endpoint.ts";

/** The revocation endpoint. @see RFC 7009 section 2 */
export function revokeRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(deps, {
      path: "/revoke",
      cors: true,
      metadata: "revocation_endpoint",
      proof: false,
    }, async () => {
      const { revoke } = await import("../../src/presented/revocation.ts");
      return async (request) => {
        await revoke(deps, request);
        return { status: 200, body: null, headers: {} };
      };
    }),
  ];
}
