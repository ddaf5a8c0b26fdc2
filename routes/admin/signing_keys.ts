import { Hono } from "hono";
import {
  listSigningKeys,
  rotateSigningKeys,
  withdrawSigningKeys,
} from "../../src/admin/signing_keys.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** The keys that this server signs with. */
export function signingKeyRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/signing-keys", answered(deps, listSigningKeys))
    .post("/signing-keys/rotate", answered(deps, rotateSigningKeys))
    .post("/signing-keys/emergency-rotate", answered(deps, withdrawSigningKeys));
}
