import {
  createInvitation,
  listInvitations,
  readInvitation,
  resendInvitation,
  withdrawInvitation,
} from "../../src/admin/invitations.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Invitations to make an account. */
export function invitationAdminRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/invitations", answered(deps, listInvitations))
    .post("/invitations", answered(deps, createInvitation))
    .get("/invitations/:id", answered(deps, readInvitation))
    .delete("/invitations/:id", answered(deps, withdrawInvitation))
    .post("/invitations/:id/resend", answered(deps, resendInvitation));
}
