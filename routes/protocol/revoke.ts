import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { revoke } from "../../src/presented/revocation.ts";
import { type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";

/** The revocation endpoint. @see RFC 7009 section 2 */
export function revokeRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint({
    path: "/revoke",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    counted: "failures",
    authenticates: "client",
    metadata: "revocation_endpoint",
  }, async (incoming) => {
    const request = await readClientRequest(incoming, deps, { proof: false });
    await withClientLimit(deps, request, () => revoke(deps, request));
    return { status: 200, body: null, headers: {} };
  })];
}
