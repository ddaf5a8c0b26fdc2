import * as auditEvents from "../../../stores/audit_events.ts";
import * as carriedOutForms from "../../../stores/carried_out_forms.ts";
import * as clients from "../../../stores/clients.ts";
import { type Fresh, isFresh, isPresent } from "../../../stores/engine/collection.ts";
import * as invitations from "../../../stores/invitations.ts";
import type { Invitation } from "../../../stores/invitations.ts";
import * as providers from "../../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import * as userNames from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { digest } from "../../crypto/digest.ts";
import type { Deps } from "../../deps/deps.ts";
import { idInToken } from "../link_token.ts";
import { type AccountForm, makeAccount } from "./make_account.ts";
import { isForeignAddress } from "./new_account.ts";
import type { Proof } from "./new_credential.ts";
import {
  type NewcomerOptions,
  newcomerOptions,
  type OptionsRequest,
} from "../passkeys/newcomer.ts";
import { isRefused, type RegistrationRefused } from "../passkeys/registration.ts";

/** The content of an invitation's page. */
export interface OpenInvitation {
  readonly email: string;
  readonly username: string | null;
  readonly name: string | null;
}

/** Reads what a link invites to; null if it is not valid. Nothing is spent. */
export async function readInvitation(deps: Deps, token: string): Promise<OpenInvitation | null> {
  const open = await deps.kv.step(systemOrigin, (tx) => openInvitation(tx, token));
  if (open === null) return null;
  const { email, username, claims } = open.invitation.value;
  return { email, username, name: typeof claims.name === "string" ? claims.name : null };
}

/** The passkey options for a new account. The link is not spent. */
export async function invitationPasskeyOptions(
  deps: Deps,
  { origin, token, newcomer }: OptionsRequest,
): Promise<NewcomerOptions | { readonly kind: "dead" }> {
  return await deps.kv.step(origin, async (tx) => {
    const open = await openInvitation(tx, token);
    if (open === null) return { kind: "dead" };
    if (isForeignAddress(newcomer.username, open.invitation.value.email)) {
      return { kind: "username_taken" };
    }
    return await newcomerOptions(deps, tx, { ...open.proof, newcomer });
  });
}

export type InvitationOutcome =
  | { readonly kind: "dead" }
  | { readonly kind: "username_taken" }
  | RegistrationRefused
  /** @property clientId the application where the user can continue; null: none */
  | { readonly kind: "made"; readonly clientId: string | null };

/**
 * Creates the invited account, with the address that the link proves. One commit spends the invitation:
 * of any number of requests with one link, one creates an account. It does not sign in: a link that was
 * in a mail for days does not prove who uses it now.
 */
export async function acceptInvitation(
  deps: Deps,
  { origin, token, account }: {
    readonly origin: Origin;
    readonly token: string;
    readonly account: AccountForm;
  },
): Promise<InvitationOutcome> {
  return await deps.kv.step(origin, async (tx) => {
    const open = await openInvitation(tx, token);
    if (open === null) return { kind: "dead" };
    const { name } = await tx.read({ name: userNames.usernameRef(account.username) });
    if (name.value !== null || isForeignAddress(account.username, open.invitation.value.email)) {
      return { kind: "username_taken" };
    }
    const credential = await account.credential(tx, open.proof);
    if (isRefused(credential)) return credential;
    const { invitation } = open;
    const { email, claims, administrator, clientId } = invitation.value;
    const user = makeAccount(tx, {
      username: account.username,
      claims: { ...claims, name: account.name, email, email_verified: true },
      administrator,
      credential,
    });
    const userId = users.idOf(user);
    invitations.consume(tx, invitation, userId);
    carriedOutForms.add(tx, clientId);
    const about = invitations.idOf(invitation);
    auditEvents.append(tx, { type: "invitation_accepted", userId, clientId, about });
    return { kind: "made", clientId };
  });
}

/** The page of the client to which the user was invited. */
export async function invitingClient(
  deps: Deps,
  clientId: string,
): Promise<{ readonly name: string; readonly uri: string } | null> {
  const { client } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ client: clients.ref(clientId) }),
  );
  const { clientName, clientUri } = client.value ?? { clientName: "", clientUri: null };
  return clientUri === null ? null : { name: clientName, uri: clientUri };
}

/** It is invalid as soon as a user has its address. */
async function openInvitation(
  tx: Transaction,
  token: string,
): Promise<{ readonly invitation: Fresh<Invitation>; readonly proof: Proof } | null> {
  const invitationId = idInToken(token);
  if (invitationId === null) return null;
  const first = await providers.read(tx, {
    invitation: invitations.ref(invitationId),
  });
  const { invitation } = first;
  const { owner } = await tx.read({ owner: userNames.emailRef(invitation.value?.email ?? "") });
  if (!isPresent(invitation) || !isFresh(invitation) || owner.value !== null) return null;
  const { tokenDigest, providerEpoch } = invitation.value;
  const { provider } = first;
  if (providerEpoch !== provider.epoch) return null;
  if (!constantTimeEqual(tokenDigest, await digest(token))) return null;
  return { invitation, proof: { provider, provenBy: `invitation:${invitationId}` } };
}
