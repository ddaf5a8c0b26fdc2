import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, jsonText, jwt, type PlainEndpoint } from "../plain_endpoint.ts";

/** @see RFC 9701 section 4 */
const signedType = "application/token-introspection+jwt";

/** Whether a resource server asks for a signed answer. One that asks for JSON too gets the signed one. */
function wantsJwt(headers: Headers): boolean {
  const accepted = (headers.get("accept") ?? "").toLowerCase();
  if (!accepted.includes(signedType)) return false;
  return accepted.split(",").some((type) => {
    const [name = "", ...parameters] = type.split(";").map((part) => part.trim());
    return name === signedType && !parameters.some((one) => /^q=0(\.0*)?$/.test(one));
  });
}

/** The introspection endpoint. @see RFC 7662 section 2 */
export function introspectRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(
      deps,
      { path: "/introspect", metadata: "introspection_endpoint", proof: false },
      async () => {
        const { introspect } = await import("../../src/presented/introspection.ts");
        return async (request, incoming) => {
          const asJwt = wantsJwt(incoming.request.headers);
          const answer = await introspect(deps, request, { asJwt });
          return "jwt" in answer ? jwt(answer.jwt, signedType) : jsonText(answer.json);
        };
      },
    ),
  ];
}
