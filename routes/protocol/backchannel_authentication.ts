import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, json, type PlainEndpoint } from "../plain_endpoint.ts";

/** The backchannel authentication endpoint. @see CIBA Core section 7 */
export function backchannelAuthenticationRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(deps, {
      path: "/backchannel_authentication",
      metadata: "backchannel_authentication_endpoint",
      proof: true,
    }, () =>
      // Few servers need it.
      Promise.resolve(async (request) => {
        const { requestBackchannelAuthentication } = await import(
          "../../src/backchannel/request.ts"
        );
        return json(await requestBackchannelAuthentication(deps, request));
      })),
  ];
}
