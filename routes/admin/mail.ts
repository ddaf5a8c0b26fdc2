import { Hono } from "hono";
import { listMails, retryMail } from "../../src/admin/mail.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** The outbox, with its dead letters. */
export function mailRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/mail", answered(deps, listMails))
    .post("/mail/:id/retry", answered(deps, retryMail));
}
