import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { isFresh, type Present, type Ref } from "../../stores/collection.ts";
import * as invitations from "../../stores/invitations.ts";
import type { Invitation } from "../../stores/invitations.ts";
import * as providers from "../../stores/provider.ts";
import type { Transaction } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import { invitationToken } from "../authn/new_accounts/invitation.ts";
import { usernameSchema } from "../authn/new_accounts/new_account.ts";
import { digest } from "../crypto/digest.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps.ts";
import { isMailAddress } from "../mail/address.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { invitationMail } from "../mail/templates/invitation.ts";
import { standardClaimsSchema } from "../oidc/claims.ts";
import { assertProvider } from "../oidc/provider_record.ts";
import { supportedLanguages } from "../ui/strings/languages.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { once } from "./idempotency.ts";
import { invalid, jsonBody, type JsonObject, validated } from "./json_body.ts";
import { assertMatch, assertMatchIfGiven } from "./preconditions.ts";
import { Problem } from "./problem.ts";
import { existing, listRecords, readRecord, type Shown, withEtag } from "./records.ts";

const languageSchema = z.enum(supportedLanguages);

/** An invitation as an administrator writes it. */
const invitationSchema = z.strictObject({
  email: z.string().refine(isMailAddress, "must be a mail address"),
  username: usernameSchema.nullable().default(null),
  // The address is the one that is proved.
  claims: standardClaimsSchema.omit({ email: true, email_verified: true }).default({}),
  administrator: z.boolean().default(false),
  client_id: z.string().max(256).nullable().default(null),
  language: languageSchema.default("en"),
});

const shown: Shown<Invitation> = {
  name: "invitation",
  collection: invitations.all,
  show: (entry: Present<Invitation>) => shownAs(invitations.idOf(entry), entry.value),
};

/** An invitation as the API shows it; its link is nobody's but the invited person's. */
function shownAs(invitationId: string, invitation: Invitation): JsonObject {
  return {
    id: invitationId,
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

/** Null: nothing can have such an id. */
function invitationRef(invitationId: string): Ref<Invitation> | null {
  return /^[A-Za-z0-9_-]{22}$/.test(invitationId) ? invitations.ref(invitationId) : null;
}

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
        const { owner, name, client, provider } = await tx.read({
          owner: users.emailRef(email),
          name: username === null ? null : users.usernameRef(username),
          client: clientId === null ? null : clients.ref(clientId),
          provider: providers.ref(),
        });
        if (owner.value !== null) throw new Problem("conflict", "somebody has this mail address");
        if (name !== null && name.value !== null) {
          throw new Problem("conflict", "somebody else has this username");
        }
        if (client !== null && client.value === null) {
          throw invalid([{ pointer: "/client_id", detail: "must be the id of a client" }]);
        }
        const invitationId = randomId(tx.random);
        const { token, ...link } = await newLink(
          deps,
          tx,
          invitationId,
          assertProvider(provider).epoch,
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
        const { provider } = await tx.read({ provider: providers.ref() });
        const { token, ...link } = await newLink(
          deps,
          tx,
          invitationId,
          assertProvider(provider).epoch,
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

async function newLink(deps: Deps, tx: Transaction, invitationId: string, providerEpoch: number) {
  const token = invitationToken(invitationId, randomSecret(tx.random));
  const expiresAt = tx.now + deps.config.lifetimes.invitation;
  return { token, tokenDigest: await digest(token), providerEpoch, sentAt: tx.now, expiresAt };
}

async function enqueueInvitation(
  deps: Deps,
  tx: Transaction,
  { email, language, expiresAt }: Invitation,
  token: string,
) {
  const { brand, config: { issuer } } = deps;
  await enqueueMail(deps, tx, {
    to: email,
    userId: null,
    template: "invitation",
    written: invitationMail(languageSchema.catch("en").parse(language), {
      issuer,
      brand,
      url: `${issuer}/invitation?token=${token}`,
      expiresAt,
    }),
    usefulFor: expiresAt - tx.now,
  });
}
