import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, json, type PlainEndpoint } from "../plain_endpoint.ts";

/** The token endpoint. @see RFC 6749 section 3.2 */
export function tokenRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(
      deps,
      { path: "/token", cors: true, metadata: "token_endpoint", proof: true },
      async () => {
        const { exchange } = await import("../../src/grants/index.ts");
        return async (request) => json(await exchange(deps, request));
      },
    ),
  ];
}
