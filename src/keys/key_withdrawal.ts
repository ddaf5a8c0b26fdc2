import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import { assertProvider, type SigningAlgorithm } from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { type SigningKeyState, stateOf } from "../../stores/signing_keys.ts";
import * as withdrawnKeys from "../../stores/withdrawn_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import {
  KeyTooFresh,
  listSigningKeys,
  type PreparedRotation,
  prepareRotationTo,
  promote,
  publicationLead,
  readRotatingKeys,
  type Rotation,
  UnknownSigningKey,
} from "./key_rotation.ts";

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
  readonly alg: SigningAlgorithm;
  /** Null: the key that is active at the step. */
  readonly kid: string | null;
  /** The key that is active if the provider's record names none. */
  readonly signed: string | undefined;
  /** Null: the algorithm has no next key, so nothing can replace the withdrawn one. */
  readonly rotation: PreparedRotation | null;
  /** Seconds for which the public half is kept: as long as a session can last. */
  readonly rememberedFor: number;
}

/** @throws {UnknownSigningKey} if no key, or none of that algorithm, has this `kid`, or it has no keys */
export async function prepareWithdrawal(
  deps: Deps,
  target: WithdrawalTarget,
): Promise<PreparedWithdrawal> {
  const keys = await listSigningKeys(deps);
  const named = keys.find(({ kid }) => kid === target.kid);
  const alg = target.alg ?? named?.alg;
  const isFound = target.kid === undefined || (named !== undefined && named.alg === alg);
  if (alg === undefined || !isFound) throw new UnknownSigningKey();
  const next = named?.activatedAt === null ? named : signingKeys.nextKey(keys, alg);
  return {
    alg,
    kid: target.kid ?? null,
    signed: signingKeys.keyThatSigned(keys, alg)?.kid,
    rotation: next === undefined ? null : await prepareRotationTo(deps, next),
    rememberedFor: deps.config.lifetimes.sessionMax,
  };
}

/**
 * Withdraws a key by this step: it leaves the JWKS, and this server accepts nothing that it signed. This is
 * for a key that may have been stolen. The public half is kept, to find the user that an old
 * `id_token_hint` means. An active key is replaced by the next one, a next key by a new one.
 * @throws {KeyTooFresh} if another rotation came first
 * @throws {UnknownSigningKey} if the key was deleted meanwhile, or is active and nothing can replace it
 */
export async function addWithdrawal(
  tx: Transaction,
  { alg, kid: wanted, signed, rotation: prepared, rememberedFor }: PreparedWithdrawal,
): Promise<Withdrawal> {
  const { provider: entry } = await tx.read({ provider: providers.ref() });
  const provider = assertProvider(entry);
  const kid = wanted ?? provider.activeKeys[alg] ?? signed;
  if (kid === undefined) throw new UnknownSigningKey();
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
  if (prepared === null) {
    if (provider.activeKeys[alg] === kid) throw new UnknownSigningKey();
    // The provider's record does not name it: a new pair is made when a client next needs one.
    return { alg, kid, state, rotation: null };
  }
  if (state === "next") {
    // The replacement already signs, or was itself withdrawn: another rotation came first.
    if (kid !== prepared.nextKid) throw new KeyTooFresh(alg, publicationLead);
    signingKeys.add(tx, prepared.successor);
    return { alg, kid, state, rotation: null };
  }
  const keys = await readRotatingKeys(tx, prepared, kid);
  const rotation = promote(tx, keys, prepared.successor, "withdrawn");
  return { alg, kid, state, rotation };
}
