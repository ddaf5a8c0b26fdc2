import type { Deps } from "../../src/deps/deps.ts";
import { json, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** The backchannel authentication endpoint. @see CIBA Core section 7 */
export function backchannelAuthenticationRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/backchannel_authentication",
      methods: ["POST"],
      kind: "client",
      noStore: true,
      dpopNonce: true,
      counted: "failures",
      authenticates: "client",
      metadata: "backchannel_authentication_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: true });
        // Few servers need it.
        const { requestBackchannelAuthentication } = await import(
          "../../src/backchannel/request.ts"
        );
        return json(
          await withClientLimit(
            deps,
            request,
            () => requestBackchannelAuthentication(deps, request),
          ),
        );
      };
    }),
  )];
}
