import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import * as challenges from "../../stores/challenges.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { type Fresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import * as providers from "../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { emailRef, isNameTaken, usernameRef } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { isAddressLike } from "../identifiers/username.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { notifyUser } from "../mail/notify.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { addressChangeAskedMail, addressChangeMail } from "../mail/templates/address_change.ts";
import type { Language } from "../language/languages.ts";
import { openChallenge } from "./challenges.ts";

const type = "address_change";

/**
 * Adds an address change to a step of the user's own. A link goes to the new address, and a notice to
 * the verified old one. The result looks the same if another user has the new address. Before it, take
 * a place with `reserveMail` for the new address. After the step, call `deps.mailWakeUp.wake()`. It
 * reads one record and checks it.
 */
export async function requestAddressChange(
  deps: Deps,
  tx: Transaction,
  { user, provider, address, language }: {
    readonly user: Present<User>;
    readonly provider: Provider;
    /** In its canonical form. */
    readonly address: string;
    readonly language: Language;
  },
): Promise<void> {
  const { owner } = await tx.read({ owner: emailRef(address) });
  const userId = users.idOf(user);
  const isTaken = owner.value !== null && owner.value.userId !== userId;
  const { username, claims, epoch } = user.value;
  const { issuer } = deps.config;
  const from = { issuer, brand: deps.brand };
  const usefulFor = challenges.challengeKinds[type].lifetime;

  const state = await deps.masterKey.mac(statePurpose, stateOf(user));
  const token = `${state}.${randomSecret(tx.random)}`;
  challenges.add(tx, type, await challenges.ref(type, token), {
    userId,
    epoch,
    // Without an address the link is useless.
    address: isTaken ? null : address,
    providerEpoch: provider.epoch,
  });
  const url = `${issuer}/account/email/confirm?token=${token}`;
  await enqueueMail(deps, tx, {
    to: isTaken ? null : address,
    userId,
    template: type,
    written: addressChangeMail(language, { ...from, url }),
    usefulFor,
  });
  const before = users.verifiedEmail(claims);
  if (before !== null) {
    await enqueueMail(deps, tx, {
      to: before,
      userId,
      template: "address_change_asked",
      written: addressChangeAskedMail(language, { ...from, username }),
      usefulFor: 2 * 86_400,
    });
  }
  auditEvents.append(tx, { type: "address_change_requested", user });
}

/** The content of a link's page. */
export interface AddressChange {
  readonly username: string;
  readonly address: string;
  /** Whether another user has the address by now. */
  readonly isTaken: boolean;
}

/** Reads what a link is for; null if it is not valid. Nothing is spent. */
export async function readAddressChange(deps: Deps, token: string): Promise<AddressChange | null> {
  const change = await deps.kv.step(systemOrigin, (tx) => readChange(deps, tx, token));
  if (change === null) return null;
  const { user, address, isTaken } = change;
  return { username: user.value.username, address, isTaken };
}

export type AddressChangeOutcome = "changed" | "taken" | "dead";

/**
 * Makes a verified address the user's address, and tells the old one. One commit spends the link and
 * changes the address. From then on, links that were sent to the old address are invalid.
 */
export async function confirmAddressChange(
  deps: Deps,
  { origin, token, language }: {
    readonly origin: Origin;
    readonly token: string;
    readonly language: Language;
  },
): Promise<AddressChangeOutcome> {
  const outcome = await deps.kv.step(origin, async (tx) => {
    const change = await readChange(deps, tx, token);
    if (change === null) return "dead";
    const { challenge, user, address, isTaken } = change;
    // A username that is a mail address is always the verified one, so it changes with it.
    const username = isAddressLike(user.value.username) ? address : user.value.username;
    const { name } = await tx.read({ name: usernameRef(username) });
    // Not spent, because the address may become free again.
    if (isTaken || isNameTaken(name, users.idOf(user))) return "taken";
    challenges.consume(tx, challenge, randomId(tx.random));
    carriedOutForms.add(tx);
    const claims = { ...user.value.claims, email: address, email_verified: true };
    await users.rename(tx, user, username);
    users.replace(tx, user, { claims, username });
    auditEvents.append(tx, { type: "address_changed", user });
    await notifyUser(deps, tx, { user, reason: "address_changed", language });
    return "changed";
  });
  if (outcome === "changed") deps.mailWakeUp.wake();
  return outcome;
}

/** The address that a spent link has made the user's; null: the user has another one by now. */
export async function readConfirmedAddress(deps: Deps, token: string): Promise<string | null> {
  return await deps.kv.step(systemOrigin, async (tx) => {
    const { challenge } = await tx.read({ challenge: await challenges.ref(type, token) });
    const { userId, address = null } = challenge.value ?? {};
    const { user } = await tx.read({ user: users.ref(userId ?? "nobody") });
    return isPresent(user) && users.verifiedEmail(user.value.claims) === address ? address : null;
  });
}

interface OpenChange {
  readonly challenge: Fresh<Challenge>;
  readonly user: Present<User>;
  readonly address: string;
  readonly isTaken: boolean;
}

async function readChange(deps: Deps, tx: Transaction, token: string): Promise<OpenChange | null> {
  const first = await providers.read(tx, {
    challenge: await challenges.ref(type, token),
  });
  const { userId, address } = first.challenge.value ?? {};
  if (!userId || !address) return null;
  const { user, owner } = await tx.read({
    user: users.ref(userId),
    owner: emailRef(address),
  });
  if (!isPresent(user)) return null;
  // If several changes were requested, the first one that is confirmed ends the others.
  const [state = ""] = token.split(".");
  if (!await deps.masterKey.verifyMac(statePurpose, stateOf(user), state)) return null;
  const { provider } = first;
  const challenge = openChallenge(type, first.challenge, { provider, user, address });
  const isTaken = owner.value !== null && owner.value.userId !== userId;
  return challenge && { challenge, user, address, isTaken };
}

const statePurpose = "address_before_change";

/**
 * The address that a link replaces. The link contains only its MAC, so it does not reveal the address.
 */
function stateOf(user: Present<User>): string {
  const { email = null, email_verified = false } = user.value.claims;
  return JSON.stringify([users.idOf(user), email, email_verified]);
}
