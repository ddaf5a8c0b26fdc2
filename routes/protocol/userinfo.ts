import type { Context } from "hono";
import { Hono } from "hono";
import type { Deps } from "../../src/deps/deps.ts";
import { readUserInfo } from "../../src/presented/userinfo.ts";
import { presentedAccessToken } from "../http/bearer.ts";
import type { AppEnv } from "../http/context.ts";
import { presentedProof } from "../http/dpop.ts";

/** The userinfo endpoint. @see OpenID Connect Core section 5.3 */
export function userinfoRoutes(deps: Deps): Hono<AppEnv> {
  const answer = async (c: Context<AppEnv>) => {
    const presented = await presentedAccessToken(c.req.raw);
    const proof = presentedProof(c, deps);
    return c.json(await readUserInfo(deps, { origin: c.get("origin"), ...presented, proof }));
  };
  return new Hono<AppEnv>().get("/userinfo", answer).post("/userinfo", answer);
}
