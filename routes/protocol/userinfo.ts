import type { Deps } from "../../src/deps/deps.ts";
import { withAccessTokenLimit } from "../../src/limits/access_token.ts";
import { readUserInfo } from "../../src/presented/userinfo.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { presentedAccessToken } from "../http/bearer.ts";
import { presentedProof } from "../http/dpop.ts";

/** The userinfo endpoint. @see OpenID Connect Core section 5.3 */
export function userinfoRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/userinfo",
    methods: ["GET", "POST"],
    kind: "resource",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    metadata: "userinfo_endpoint",
  }, async (c) => {
    const origin = c.get("origin");
    const proof = presentedProof(c, deps);
    const claims = await withAccessTokenLimit(deps, origin, async () => {
      const presented = await presentedAccessToken(c.req.raw);
      return await readUserInfo(deps, { origin, ...presented, proof });
    });
    return c.json(claims);
  })];
}
