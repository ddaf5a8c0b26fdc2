import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { type SigningKeyState, stateOf } from "../../stores/signing_keys.ts";
import * as withdrawnKeys from "../../stores/withdrawn_keys.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { assertProvider } from "../../stores/provider.ts";
import { activeKid, listSigningKeys, type PreparedRotation } from "./key_rotation.ts";
import { KeyTooFresh, prepareRotation, promote, publicationLead } from "./key_rotation.ts";
import { readRotatingKeys, type Rotation, UnknownSigningKey } from "./key_rotation.ts";

/** The active key of an algorithm, or the key with this `kid`, in any state. */
export type WithdrawalTarget =
  | { readonly alg: SigningAlgorithm; readonly kid?: undefined }
  | { readonly alg?: SigningAlgorithm | undefined; readonly kid: string };

export interface Withdrawal {
  readonly alg: SigningAlgorithm;
  readonly kid: string;
  /** The state before the withdrawal. */
  readonly state: SigningKeyState;
  /** If the key was active: the rotation that made the next one sign. */
  readonly rotation: Rotation | null;
}

/** What a withdrawal needs before its step: a replacement for the withdrawn key. */
export interface PreparedWithdrawal {
  /** Null: the key that is active at the step. */
  readonly kid: string | null;
  readonly rotation: PreparedRotation;
  /** Seconds for which the public half is kept: as long as a session can last. */
  readonly rememberedFor: number;
}

/** @throws {UnknownSigningKey} if no key, or none of that algorithm, has this `kid`, or it has no keys */
export async function prepareWithdrawal(
  deps: Deps,
  target: WithdrawalTarget,
): Promise<PreparedWithdrawal> {
  const rememberedFor = deps.config.lifetimes.sessionMax;
  if (target.kid === undefined) {
    return { kid: null, rotation: await prepareRotation(deps, target.alg), rememberedFor };
  }
  const { alg, kid } = target;
  const named = (await listSigningKeys(deps)).find((key) => key.kid === kid);
  if (!named || (alg !== undefined && named.alg !== alg)) throw new UnknownSigningKey();
  return { kid, rotation: await prepareRotation(deps, named.alg), rememberedFor };
}

/**
 * Withdraws a key at once: it leaves the JWKS, and this server accepts nothing that it signed. This is
 * for a key that may have been stolen. The public half is kept, to find the user that an old
 * `id_token_hint` means.
 */
export async function withdrawSigningKey(
  deps: Deps,
  origin: Origin,
  target: WithdrawalTarget,
): Promise<Withdrawal> {
  const prepared = await prepareWithdrawal(deps, target);
  return await deps.kv.step(origin, (tx) => addWithdrawal(tx, prepared));
}

/**
 * Adds a withdrawal to the step. An active key is replaced by the next one, a next key by a new one.
 * @throws {KeyTooFresh} if another rotation came first
 * @throws {UnknownSigningKey} if the key was deleted meanwhile
 */
export async function addWithdrawal(
  tx: Transaction,
  { kid: wanted, rotation: prepared, rememberedFor }: PreparedWithdrawal,
): Promise<Withdrawal> {
  const { provider: entry } = await tx.read({ provider: providers.ref() });
  const provider = assertProvider(entry);
  const { alg } = prepared;
  const kid = wanted ?? activeKid(provider, alg);
  const { key } = await tx.read({ key: signingKeys.ref(kid) });
  if (!isPresent(key)) {
    // The key that was active when the pointer was read was withdrawn meanwhile by another request.
    throw wanted === null ? new KeyTooFresh(alg, publicationLead) : new UnknownSigningKey();
  }
  const state = stateOf(key.value, provider);
  signingKeys.withdraw(tx, key);
  withdrawnKeys.add(tx, key.value, tx.now + rememberedFor);
  auditEvents.append(tx, { type: "signing_key_withdrawn", reason: state, about: kid });
  if (state === "retired") return { alg, kid, state, rotation: null };
  if (state === "next") {
    // The replacement already signs, or was itself withdrawn: another rotation came first.
    if (kid !== prepared.nextKid) throw new KeyTooFresh(alg, publicationLead);
    signingKeys.add(tx, prepared.successor);
    return { alg, kid, state, rotation: null };
  }
  const { provider: present, active, next } = await readRotatingKeys(tx, prepared);
  const rotation = promote(tx, present, active, next, prepared.successor, "withdrawn");
  return { alg, kid, state, rotation };
}
