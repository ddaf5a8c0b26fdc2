import { Hono } from "hono";
import { endSessions } from "../../src/admin/session_batch.ts";
import { endOneSession, readSession } from "../../src/admin/sessions.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** Sessions of people; a person's own are listed below that person. */
export function adminSessionRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post("/sessions/batch-delete", answered(deps, endSessions))
    .get("/sessions/:id", answered(deps, readSession))
    .delete("/sessions/:id", answered(deps, endOneSession));
}
