import { removePasskey } from "../authn/passkeys/removal.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import * as passkeys from "../../stores/passkeys.ts";
import { mostPasskeys, type Passkey } from "../../stores/passkeys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { guessedName } from "../authn/passkeys/name.ts";
import {
  addPasskey,
  openRegistration,
  parseRegistrationAnswer,
  registrationRefs,
  type RegistrationRefused,
} from "../authn/passkeys/registration.ts";
import { type CreationOptions, optionsForUser } from "../authn/passkeys/registration_options.ts";
import { isLastWayIn } from "../authn/last_sign_in_method.ts";
import type { Deps } from "../deps/deps.ts";
import { type Device, newDevice } from "../sessions/device.ts";
import { notifyUser } from "../mail/notify.ts";
import { displayName } from "../sessions/live_session.ts";
import type { Language } from "../language/languages.ts";
import type { AccountHolder, AccountRequest } from "./account_step.ts";
import { endOthers, sweepUpSessions } from "./own_sessions.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/** The passkeys of a user, in the order in which they were added. */
export interface OwnPasskeys {
  readonly personName: string;
  readonly passkeys: readonly OwnPasskey[];
  readonly full: boolean;
  readonly hasRecoveryCodes: boolean;
}

export interface OwnPasskey extends Passkey {
  readonly id: string;
  /** It cannot be removed, because the user could no longer sign in. */
  readonly isLastWayIn: boolean;
}

/** @throws {SignInNeeded} */
export function readOwnPasskeys(deps: Deps, request: AccountRequest): Promise<OwnPasskeys> {
  return sensitiveStep(deps, request, async (tx, holder) => {
    const { value: user } = holder.user;
    const found = await inBatches(tx, user.passkeys.map(passkeys.ref));
    return {
      personName: displayName(holder),
      passkeys: found.filter(isPresent).map((passkey) => ownPasskey(user, passkey)),
      full: user.passkeys.length >= mostPasskeys,
      hasRecoveryCodes: user.recoveryCodes !== null,
    };
  });
}

/** One of the user's passkeys; null if it is not theirs. @throws {SignInNeeded} */
export function readOwnPasskey(
  deps: Deps,
  request: AccountRequest,
  passkeyId: string,
): Promise<{ readonly personName: string; readonly passkey: OwnPasskey } | null> {
  return sensitiveStep(deps, request, async (tx, holder) => {
    const passkey = await ownRecord(tx, holder, passkeyId);
    if (passkey === null) return null;
    return {
      personName: displayName(holder),
      passkey: ownPasskey(holder.user.value, passkey),
    };
  });
}

/**
 * The options with which the browser asks an authenticator to create another passkey. @throws
 * {SignInNeeded}
 */
export function ownPasskeyOptions(
  deps: Deps,
  request: AccountRequest,
  browserDigest: string,
): Promise<CreationOptions> {
  return sensitiveStep(deps, request, (tx, { user, provider }) => {
    return optionsForUser(deps, tx, { user, provider, browserDigest });
  });
}

export type AddedPasskey = { readonly kind: "added" };
export type NotAdded = RegistrationRefused | { readonly kind: "full" };

/**
 * Adds the passkey that an authenticator has created, and tells the user by mail.
 *
 * @throws {SignInNeeded}
 */
export async function addOwnPasskey(
  deps: Deps,
  request: AccountRequest,
  { credential, browserDigest, userAgent, language }: {
    /** In JSON, as the browser's script posts it. */
    readonly credential: string;
    readonly browserDigest: string;
    readonly userAgent: string | null;
    readonly language: Language;
  },
): Promise<AddedPasskey | NotAdded> {
  const answer = parseRegistrationAnswer("passkey_registration", credential);
  const outcome = await sensitiveStep<AddedPasskey | NotAdded>(
    deps,
    request,
    async (tx, { user, provider }) => {
      if (answer === null) return { kind: "invalid" };
      const first = await tx.read(await registrationRefs(answer));
      const open = await openRegistration(deps, answer, first, { provider, browserDigest, user });
      if (open.kind !== "open") return open;
      if (user.value.passkeys.length >= mostPasskeys) return { kind: "full" };
      const name = await guessedName(open.verified.aaguid, userAgent);
      const passkeyId = await addPasskey(tx, open, name);
      users.replace(tx, user, { passkeys: [...user.value.passkeys, passkeyId] });
      auditEvents.append(tx, { type: "passkey_added", user, about: passkeyId });
      await notifyUser(deps, tx, { user, reason: "passkey_added", about: name, language });
      carriedOutForms.add(tx);
      return { kind: "added" };
    },
  );
  if (outcome.kind === "added") deps.mailWakeUp.wake();
  return outcome;
}

/** @returns false if it is not the user's passkey @throws {SignInNeeded} */
export function renameOwnPasskey(
  deps: Deps,
  request: AccountRequest,
  { passkeyId, name }: { readonly passkeyId: string; readonly name: string },
): Promise<boolean> {
  return sensitiveStep(deps, request, async (tx, holder) => {
    const passkey = await ownRecord(tx, holder, passkeyId);
    if (passkey === null) return false;
    if (passkey.value.name === name) return true;
    passkeys.rename(tx, passkey, name);
    auditEvents.append(tx, { type: "passkey_renamed", user: holder.user, about: passkeyId });
    return true;
  });
}

/** @property device the mark by which this browser stays known, if all other sessions were ended */
export interface PasskeyRemoved {
  readonly kind: "removed";
  readonly device: Device | null;
}

/**
 * Removes a passkey, and tells the user by mail. Each removal replaces the user's record, so if two
 * requests each remove one of the last two passkeys, the second request finds that its passkey is the
 * last.
 *
 * @param signOut whether all sessions except this one end in the same commit: if the passkey was on a
 *   lost device, that device may be signed in
 * @returns `unknown` if it is not the user's passkey, for example after a double click
 * @throws {SignInNeeded}
 */
export async function removeOwnPasskey(
  deps: Deps,
  request: AccountRequest,
  { passkeyId, signOut, language }: {
    readonly passkeyId: string;
    readonly signOut: boolean;
    readonly language: Language;
  },
): Promise<PasskeyRemoved | "last_way_in" | "unknown"> {
  const outcome = await sensitiveStep(deps, request, async (tx, holder) => {
    const { user } = holder;
    const passkey = await ownRecord(tx, holder, passkeyId);
    if (passkey === null) return "unknown";
    if (isLastWayIn(user.value, { passkeyId })) return "last_way_in";
    const epochs = signOut ? endOthers(tx, holder) : {};
    removePasskey(tx, user, passkeyId, epochs);
    auditEvents.append(tx, { type: "passkey_removed", user, about: passkeyId });
    const about = passkey.value.name;
    await notifyUser(deps, tx, { user, reason: "passkey_removed", about, language });
    carriedOutForms.add(tx);
    return { holder, device: signOut ? newDevice(tx, user, epochs) : null };
  });
  if (typeof outcome === "string") return outcome;
  deps.mailWakeUp.wake();
  if (signOut) await sweepUpSessions(deps, request, outcome.holder);
  return { kind: "removed", device: outcome.device };
}

async function ownRecord(
  tx: Transaction,
  { user }: AccountHolder,
  passkeyId: string,
): Promise<Present<Passkey> | null> {
  if (!user.value.passkeys.includes(passkeyId)) return null;
  const { passkey } = await tx.read({ passkey: passkeys.ref(passkeyId) });
  return isPresent(passkey) ? passkey : null;
}

function ownPasskey(user: User, passkey: Present<Passkey>): OwnPasskey {
  const id = passkeys.idOf(passkey);
  return { ...passkey.value, id, isLastWayIn: isLastWayIn(user, { passkeyId: id }) };
}
