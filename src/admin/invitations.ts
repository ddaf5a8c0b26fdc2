import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { isFresh, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as invitations from "../../stores/invitations.ts";
import type { Invitation } from "../../stores/invitations.ts";
import * as providers from "../../stores/provider.ts";
import * as userNames from "../../stores/user_names.ts";
import { linkToken } from "../authn/link_token.ts";
import { isForeignAddress, usernameSchema } from "../authn/new_accounts/new_account.ts";
import { mailAddressSchema, standardClaimsSchema } from "../claims/claims.ts";
import { digest } from "../crypto/digest.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { supportedLanguages } from "../language/supported_languages.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { invitationMail } from "../mail/templates/invitation.ts";
import { invalidMember } from "../protocol/json_entry.ts";
import { Conflict } from "./errors.ts";
import { assertNameIsFree } from "./user_changes.ts";

const languageSchema = z.enum(supportedLanguages);

/** An invitation as an administrator writes it. */
export const invitationSchema = z.strictObject({
  email: mailAddressSchema,
  username: usernameSchema.nullable().default(null),
  // Without the address: the invitation itself proves that.
  claims: standardClaimsSchema.omit({ email: true, email_verified: true }).default({}),
  administrator: z.boolean().default(false),
  client_id: z.string().max(256).nullable().default(null),
  language: languageSchema.default("en"),
});

/**
 * Invites somebody: a mail with a link goes to their address. Call `deps.mailWakeUp.wake()` after the step.
 *
 * @throws {InvalidEntry}
 * @throws {Conflict} if sign-up is closed, or another user has the address or the username
 */
export async function createInvitation(
  deps: Deps,
  tx: Transaction,
  { client_id: clientId, ...wanted }: z.infer<typeof invitationSchema>,
): Promise<{ readonly invitationId: string; readonly invitation: Invitation }> {
  const { email, username } = wanted;
  const clientRef = clientId === null ? null : clients.ref(clientId);
  const { owner, provider } = await providers.read(tx, {
    owner: userNames.emailRef(email),
    name: username === null ? null : userNames.usernameRef(username),
  }, clientRef === null ? [] : [clientRef]);
  // Not checked: it would be the tenth check. An invitation for a deleted client does no harm.
  const { client } = await tx.peek({ client: clientRef }, "registration");
  if (username !== null && isForeignAddress(username, email)) {
    throw invalidMember("username", "must be the email, or have no @");
  }
  if (owner.value !== null) throw new Conflict("another user has this mail address");
  if (username !== null) await assertNameIsFree(tx, username, null);
  if (client !== null && client.value === null) {
    throw invalidMember("client_id", "must be the id of a client");
  }
  const invitationId = randomId(tx.random);
  const { token, ...link } = await newLink(deps, tx, invitationId, provider.epoch);
  const invitation = { ...wanted, clientId, ...link, createdAt: tx.now, spentBy: null };
  invitations.add(tx, invitationId, invitation);
  await enqueueInvitation(deps, tx, invitation, token);
  auditEvents.append(tx, { type: "invitation_created", clientId, about: invitationId });
  return { invitationId, invitation };
}

/**
 * Replaces the link of an invitation by a new one with a full lifetime, and mails it.
 *
 * @returns the record as it will be
 * @throws {Conflict} if sign-up is closed, or the invitation was accepted
 */
export async function resendInvitation(
  deps: Deps,
  tx: Transaction,
  entry: Present<Invitation>,
): Promise<Invitation> {
  assertInviting(deps);
  if (!isFresh(entry)) throw accepted();
  const { provider } = await providers.read(tx, {});
  const invitationId = invitations.idOf(entry);
  const { token, ...link } = await newLink(deps, tx, invitationId, provider.epoch);
  const renewed = invitations.renew(tx, entry, link);
  await enqueueInvitation(deps, tx, renewed, token);
  auditEvents.append(tx, { type: "invitation_resent", about: invitationId });
  return renewed;
}

/** Withdraws an invitation. Its link is invalid from this commit on. @throws {Conflict} */
export function withdrawInvitation(tx: Transaction, entry: Present<Invitation>): void {
  if (!isFresh(entry)) throw accepted();
  invitations.withdraw(tx, entry);
  auditEvents.append(tx, { type: "invitation_withdrawn", about: invitations.idOf(entry) });
}

/** @throws {Conflict} */
export function assertInviting({ config }: Pick<Deps, "config">): void {
  if (config.signUp !== "closed") return;
  throw new Conflict("sign-up is closed: set LATCHKEY_SIGN_UP to invited or open");
}

function accepted(): Conflict {
  return new Conflict("the invitation was accepted: change the user that it created");
}

/** A new link: the members for the record, and the token for the mail. */
async function newLink(deps: Deps, tx: Transaction, invitationId: string, providerEpoch: number) {
  const token = linkToken(invitationId, randomSecret(tx.random));
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
