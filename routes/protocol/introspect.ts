import type { Deps } from "../../src/deps/deps.ts";
import type { Introspection, SignedIntrospection } from "../../src/presented/introspection.ts";
import { json, jwt, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

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

function isSigned(answer: Introspection | SignedIntrospection): answer is SignedIntrospection {
  return !("active" in answer);
}

/** The introspection endpoint. @see RFC 7662 section 2 */
export function introspectRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/introspect",
      methods: ["POST"],
      kind: "client",
      noStore: true,
      counted: "failures",
      authenticates: "client",
      metadata: "introspection_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      const { introspect } = await import("../../src/presented/introspection.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: false });
        const asJwt = wantsJwt(incoming.request.headers);
        const work = () => introspect(deps, request, { asJwt });
        const answer = await withClientLimit(deps, request, work);
        return isSigned(answer) ? jwt(answer.jwt, signedType) : json(answer);
      };
    }),
  )];
}
