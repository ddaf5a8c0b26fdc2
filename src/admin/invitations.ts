import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { isFresh } from "../../stores/engine/collection.ts";
import * as invitations from "../../stores/invitations.ts";
import type { Invitation } from "../../stores/invitations.ts";
import * as providers from "../../stores/provider.ts";
import * as userNames from "../../stores/user_names.ts";
import { isForeignAddress } from "../authn/new_accounts/new_account.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { once } from "./idempotency.ts";
import { enqueueInvitation, newLink } from "./invitation_link.ts";
import { invitationRef, invitationSchema, shown, shownAs } from "./invitation_representation.ts";
import { invalid, jsonBody, validated } from "./json_body.ts";
import { assertMatch, assertMatchIfGiven } from "./preconditions.ts";
import { Problem } from "./problem.ts";
import { existing, listRecords, readRecord, withEtag } from "./records.ts";

export function listInvitations(deps: Deps, request: AdminRequest): Promise<Answer> {
  return listRecords(deps, request, shown);
}

export function readInvitation(
  deps: Deps,
  request: AdminRequest,
  invitationId: string,
): Promise<Answer> {
  return readRecord(deps, request, shown, invitationRef(invitationId));
}

/**
 * Invites somebody: a link goes to their address.
 *
 * @throws {Problem} 409 if sign-up is closed, or the address or the name is somebody's already
 */
export async function createInvitation(deps: Deps, request: AdminRequest): Promise<Answer> {
  const created = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        assertInviting(deps);
        const wanted = validated(invitationSchema, jsonBody(request));
        const { email, username, claims, administrator, client_id: clientId, language } = wanted;
        const clientRef = clientId === null ? null : clients.ref(clientId);
        const { owner, name, provider } = await providers.read(tx, {
          owner: userNames.emailRef(email),
          name: username === null ? null : userNames.usernameRef(username),
        }, clientRef === null ? [] : [clientRef]);
        // With a tenth check the step would not fit. A client deleted meanwhile is shown to nobody.
        const { client } = await tx.peek({ client: clientRef }, "registration");
        if (username !== null && isForeignAddress(username, email)) {
          throw invalid([{ pointer: "/username", detail: "must be the email, or have no @" }]);
        }
        if (owner.value !== null) throw new Problem("conflict", "somebody has this mail address");
        if (name !== null && name.value !== null) {
          throw new Problem(
            "conflict",
            "somebody else has this username, or one that looks like it",
          );
        }
        if (client !== null && client.value === null) {
          throw invalid([{ pointer: "/client_id", detail: "must be the id of a client" }]);
        }
        const invitationId = randomId(tx.random);
        const { token, ...link } = await newLink(
          deps,
          tx,
          invitationId,
          provider.epoch,
        );
        const invitation: Invitation = {
          email,
          username,
          claims,
          administrator,
          clientId,
          language,
          ...link,
          createdAt: tx.now,
          spentBy: null,
        };
        invitations.add(tx, invitationId, invitation);
        await enqueueInvitation(deps, tx, invitation, token);
        auditEvents.append(tx, { type: "invitation_created", clientId, about: invitationId });
        const location = `/api/v1/invitations/${invitationId}`;
        return answer(shownAs(invitationId, invitation), { Location: location }, 201);
      }),
  );
  deps.mailBell.ring();
  return await withEtag(deps, shown, invitations.ref(String(created.body?.id)), created);
}

/** Sends another link in place of the one before, good for as long again. */
export async function resendInvitation(
  deps: Deps,
  request: AdminRequest,
  invitationId: string,
): Promise<Answer> {
  const written = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        assertInviting(deps);
        const entry = await existing(tx, shown, invitationRef(invitationId));
        assertMatchIfGiven(request, entry);
        if (!isFresh(entry)) throw accepted();
        const { provider } = await providers.read(tx, {});
        const { token, ...link } = await newLink(
          deps,
          tx,
          invitationId,
          provider.epoch,
        );
        const renewed = invitations.renew(tx, entry, link);
        await enqueueInvitation(deps, tx, renewed, token);
        auditEvents.append(tx, { type: "invitation_resent", about: invitationId });
        return answer(shownAs(invitationId, renewed));
      }),
  );
  deps.mailBell.ring();
  return await withEtag(deps, shown, invitations.ref(invitationId), written);
}

/** Withdraws an invitation: its link is dead from this commit on. */
export async function withdrawInvitation(
  deps: Deps,
  request: AdminRequest,
  invitationId: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, invitationRef(invitationId));
    assertMatch(request, entry);
    if (!isFresh(entry)) throw accepted();
    invitations.withdraw(tx, entry);
    auditEvents.append(tx, { type: "invitation_withdrawn", about: invitationId });
  });
  return done;
}

/** @throws {Problem} 409 */
function assertInviting({ config }: Deps) {
  if (config.signUp !== "closed") return;
  throw new Problem("conflict", "sign-up is closed: set LATCHKEY_SIGN_UP to invited or open");
}

function accepted(): Problem {
  return new Problem("conflict", "it was accepted: look after the user it led to");
}
