import type { Deps } from "../../src/deps/deps.ts";
import { json, jwt, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";
import { certificateOf } from "../http/incoming.ts";

/** The userinfo endpoint. @see OpenID Connect Core section 5.3 */
export function userinfoRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path: "/userinfo",
      methods: ["GET", "POST"],
      kind: "resource",
      cors: true,
      noStore: true,
      dpopNonce: true,
      counted: "failures",
      authenticates: "token",
      metadata: "userinfo_endpoint",
    },
    loadedLater(async () => {
      const { presentedProof } = await import("../http/dpop.ts");
      const { presentedAccessToken } = await import("../http/bearer.ts");
      const { withAccessTokenLimit } = await import("../../src/limits/access_token.ts");
      const { readUserInfo } = await import("../../src/presented/userinfo.ts");
      return async (incoming) => {
        const origin = incoming.origin;
        const proof = presentedProof(incoming, deps);
        const sent = certificateOf(incoming, deps);
        const certificate = sent && await sent;
        const answer = await withAccessTokenLimit(deps, origin, async () => {
          const presented = await presentedAccessToken(incoming.request);
          return await readUserInfo(deps, { origin, ...presented, proof, certificate });
        });
        return "claims" in answer ? json(answer.claims) : jwt(answer.jwt, "application/jwt");
      };
    }),
  )];
}
