import * as auditEvents from "../../stores/audit_events.ts";
import { type Entry, isPresent, type Present } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import {
  algorithmsInUse,
  assertProvider,
  type SigningAlgorithm,
  usable,
} from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { SigningKey } from "../../stores/signing_keys.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { newSigningKey } from "./key_pair.ts";

/** Seconds for which a key is published before it signs: twice the time for which a JWKS may be cached. */
export const publicationLead = 600;

/** A key was asked to sign before every client can know it. It holds the number of seconds to wait. */
export class KeyTooFresh extends Error {
  override readonly name = "KeyTooFresh";
  constructor(readonly alg: SigningAlgorithm, readonly seconds: number) {
    super(`the next ${alg} key may sign in ${seconds} seconds, when every cached JWKS shows it`);
  }
}

/** The key does not exist, or no longer, or its algorithm has none. */
export class UnknownSigningKey extends Error {
  override readonly name = "UnknownSigningKey";
}

export interface Rotation {
  readonly alg: SigningAlgorithm;
  readonly retired: string;
  readonly active: string;
  readonly next: string;
}

/** What a rotation needs before its step, because creating a key takes a while. */
export interface PreparedRotation {
  readonly alg: SigningAlgorithm;
  readonly nextKid: string;
  readonly successor: SigningKey;
}

/** @throws {UnknownSigningKey} if the algorithm has no keys */
export async function prepareRotation(
  deps: Deps,
  alg: SigningAlgorithm,
): Promise<PreparedRotation> {
  const next = signingKeys.nextKey(await listSigningKeys(deps), alg);
  if (!next) throw new UnknownSigningKey();
  return await prepareRotationTo(deps, next);
}

/** @param next the key that is to sign */
export async function prepareRotationTo(
  deps: Deps,
  { alg, kid: nextKid }: SigningKey,
): Promise<PreparedRotation> {
  return { alg, nextKid, successor: await newSigningKey(deps, alg, deps.clock.seconds()) };
}

/**
 * Makes the next key of an algorithm the signing key, and publishes another one after it. From the commit
 * of this step on no process signs with the old key, because each issuing commit checks which key is active.
 * @throws {KeyTooFresh} if the next key has not been published for long enough
 */
export async function addRotation(
  deps: Deps,
  tx: Transaction,
  prepared: PreparedRotation,
): Promise<Rotation> {
  const keys = await readRotatingKeys(tx, prepared);
  const { active, next } = keys;
  const waited = tx.now - next.value.createdAt;
  if (waited < publicationLead) throw new KeyTooFresh(prepared.alg, publicationLead - waited);
  const { accessToken, idToken, sessionMax } = deps.config.lifetimes;
  // Published until the last token that it signed has expired. An id_token_hint may be as old as a session
  // can be.
  const publishedUntil = tx.now + Math.max(accessToken, idToken);
  const expiresAt = Math.max(publishedUntil, tx.now + sessionMax);
  signingKeys.retire(tx, active, { publishedUntil, expiresAt });
  return promote(tx, keys, prepared.successor, "rotated");
}

/**
 * Checks that the next keys of these algorithms may sign, before the first of several rotations.
 *
 * @param keys all keys
 * @throws {KeyTooFresh}
 */
export function assertNoneTooFresh(
  { clock }: Pick<Deps, "clock">,
  keys: readonly SigningKey[],
  algs: readonly SigningAlgorithm[],
) {
  for (const key of keys) {
    const waited = clock.seconds() - key.createdAt;
    if (key.activatedAt !== null || !algs.includes(key.alg) || waited >= publicationLead) continue;
    throw new KeyTooFresh(key.alg, publicationLead - waited);
  }
}

/**
 * Rotates each algorithm whose key has signed for its full period. If several processes do so at once,
 * one rotates the key, and the others find it done.
 * @returns the rotations of this process
 * @throws {KeyTooFresh} if a next key has not been published for long enough
 */
export async function rotateDueKeys(deps: Deps): Promise<Rotation[]> {
  const rotations: Rotation[] = [];
  for (const alg of await readAlgorithmsInUse(deps)) {
    // Check first: on most days no key is due, and none has to be created.
    if (!await deps.kv.step(systemOrigin, (tx) => isDue(deps, tx, alg))) continue;
    const prepared = await prepareRotation(deps, alg);
    const rotation = await deps.kv.step(
      systemOrigin,
      async (tx) => await isDue(deps, tx, alg) ? await addRotation(deps, tx, prepared) : null,
    );
    if (rotation !== null) rotations.push(rotation);
  }
  return rotations;
}

/** Without those that this runtime cannot make keys of: a process on a newer Deno rotates them. */
async function readAlgorithmsInUse(
  { kv }: Pick<Deps, "kv">,
): Promise<readonly SigningAlgorithm[]> {
  const { provider } = await kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  return usable(algorithmsInUse(provider));
}

/** Whether the active key of an algorithm has signed for its full period. */
async function isDue(deps: Deps, tx: Transaction, alg: SigningAlgorithm): Promise<boolean> {
  const { provider } = await tx.read({ provider: providers.ref() });
  const kid = activeKid(assertProvider(provider), alg);
  const { active } = await tx.read({ active: signingKeys.ref(kid) });
  const { activatedAt, createdAt } = present(active).value;
  return tx.now - (activatedAt ?? createdAt) >= deps.config.lifetimes.signingKey;
}

/** All keys, each with its state. */
export async function listSigningKeys(deps: Deps): Promise<SigningKey[]> {
  const keys: SigningKey[] = [];
  for await (const entries of eachPage(deps, { collection: signingKeys.all, limit: 100 })) {
    keys.push(...entries.map(({ value }) => value));
  }
  return keys;
}

/** The keys that a rotation changes, and the record that names the active one. */
interface RotatingKeys {
  readonly provider: Present<providers.Provider>;
  readonly active: Present<SigningKey>;
  readonly next: Present<SigningKey>;
}

/**
 * Reads the keys of a rotation, with the record that names the active one.
 *
 * @param kid the active key, if the provider's record does not name it
 * @throws {KeyTooFresh} if another rotation came first
 */
export async function readRotatingKeys(
  tx: Transaction,
  { alg, nextKid }: PreparedRotation,
  kid?: string,
): Promise<RotatingKeys> {
  const { provider, next } = await tx.read({
    provider: providers.ref(),
    next: signingKeys.ref(nextKid),
  });
  kid ??= activeKid(assertProvider(provider), alg);
  const { active } = await tx.read({ active: signingKeys.ref(kid) });
  // Another rotation came first: this one was requested for keys that have changed since.
  if (!isPresent(next) || next.value.activatedAt !== null || !isPresent(active)) {
    throw new KeyTooFresh(alg, publicationLead);
  }
  return { provider: present(provider), active, next };
}

/** Makes `next` the signing key instead of `active`, and publishes a successor. */
export function promote(
  tx: Transaction,
  { provider, active, next }: RotatingKeys,
  successor: SigningKey,
  reason: "rotated" | "withdrawn",
): Rotation {
  const { alg } = active.value;
  signingKeys.activate(tx, next);
  signingKeys.add(tx, successor);
  providers.activateKeys(tx, provider, { [alg]: next.value.kid });
  auditEvents.append(tx, { type: "signing_key_rotated", reason, about: next.value.kid });
  return {
    alg,
    retired: active.value.kid,
    active: next.value.kid,
    next: successor.kid,
  };
}

/** @throws {UnknownSigningKey} if the algorithm has no keys */
function activeKid({ activeKeys }: providers.Provider, alg: SigningAlgorithm): string {
  const kid = activeKeys[alg];
  if (kid === undefined) throw new UnknownSigningKey();
  return kid;
}

function present<T>(entry: Entry<T>): Present<T> {
  if (isPresent(entry)) return entry;
  throw new Error(`${entry.ref.collection.family}: a record is missing`);
}
