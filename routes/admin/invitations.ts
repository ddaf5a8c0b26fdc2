import * as invitations from "../../stores/invitations.ts";
import type { Invitation } from "../../stores/invitations.ts";
import {
  assertInviting,
  createInvitation,
  invitationSchema,
  resendInvitation,
  withdrawInvitation,
} from "../../src/admin/invitations.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type JsonObject, validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageQuery } from "./http/paging.ts";
import { actOnRecord, createRecord, deleteRecord } from "./http/record_changes.ts";
import { listing, reading, type Shown } from "./http/records.ts";

/** Invitations to create an account. */
export function invitationAdminRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/invitations", answeredByQuery(deps, pageQuery, listing(shown)))
    .post("/invitations", answered(deps, create))
    .get("/invitations/:id", answered(deps, reading(shown)))
    .delete("/invitations/:id", answered(deps, withdraw))
    .post("/invitations/:id/resend", answered(deps, resend));
}

const shown: Shown<Invitation> = {
  name: "invitation",
  path: "/api/v1/invitations",
  idMember: "id",
  collection: invitations.all,
  refOf: (id) => isRandomId(id) ? invitations.ref(id) : null,
  show: (entry) => shownAs(invitations.idOf(entry), entry.value),
};

/** An invitation without its link, which only the invited person gets. */
function shownAs(id: string, invitation: Invitation): JsonObject {
  return {
    id,
    email: invitation.email,
    username: invitation.username,
    claims: invitation.claims,
    administrator: invitation.administrator,
    client_id: invitation.clientId,
    language: invitation.language,
    status: invitation.spentBy === null ? "pending" : "accepted",
    user_id: invitation.spentBy,
    created_at: invitation.createdAt,
    sent_at: invitation.sentAt,
    expires_at: invitation.expiresAt,
  };
}

const create: Endpoint = async (deps, request) => {
  const created = await createRecord(deps, request, shown, async (tx, body) => {
    assertInviting(deps);
    const wanted = validEntry(invitationSchema, body);
    const { invitationId, invitation } = await createInvitation(deps, tx, wanted);
    return shownAs(invitationId, invitation);
  });
  deps.mailWakeUp.wake();
  return created;
};

const resend: Endpoint = async (deps, request, id) => {
  const resent = await actOnRecord(deps, request, shown, id, async (tx, entry) => {
    return shownAs(id, await resendInvitation(deps, tx, entry));
  });
  deps.mailWakeUp.wake();
  return resent;
};

const withdraw: Endpoint = (_deps, request, id) =>
  deleteRecord(request, shown, id, withdrawInvitation);
