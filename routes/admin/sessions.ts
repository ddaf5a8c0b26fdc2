import { endSessions } from "../../src/admin/session_batch.ts";
import { endOneSession, readSession } from "../../src/admin/sessions.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Sessions of people; a person's own are listed below that person. */
export function adminSessionRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .post("/sessions/batch-delete", answered(deps, endSessions))
    .get("/sessions/:id", answered(deps, readSession))
    .delete("/sessions/:id", answered(deps, endOneSession));
}
