import { Hono } from "hono";
import {
  createInvitation,
  listInvitations,
  readInvitation,
  resendInvitation,
  withdrawInvitation,
} from "../../src/admin/invitations.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { answered } from "./http.ts";

/** Invitations to make an account. */
export function invitationAdminRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/invitations", answered(deps, listInvitations))
    .post("/invitations", answered(deps, createInvitation))
    .get("/invitations/:id", answered(deps, readInvitation))
    .delete("/invitations/:id", answered(deps, withdrawInvitation))
    .post("/invitations/:id/resend", answered(deps, resendInvitation));
}
