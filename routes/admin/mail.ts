import { listMails, retryMail } from "../../src/admin/mail.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** The outbox, with its dead letters. */
export function mailRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/mail", answered(deps, listMails))
    .post("/mail/:id/retry", answered(deps, retryMail));
}
