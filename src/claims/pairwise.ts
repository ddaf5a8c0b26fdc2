import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as pairwiseKey from "../../stores/pairwise_key.ts";
import { type SectorMembers, sectorOf } from "../../stores/sector.ts";
import { fromBase64url, toBase64url } from "../crypto/encoding.ts";
import type { Deps } from "../deps/deps.ts";

export type PairwiseDeps = Pick<Deps, "kv" | "masterKey">;

/** The key never changes, so a process reads it once from each store. */
const known = new WeakMap<Kv, Promise<KeyObject>>();

/**
 * The subjects of users for the clients of a sector: always the same, and different in every other sector.
 * Their key is sealed with the master key and not derived from it, so that they outlive its rotation.
 *
 * @see OpenID Connect Core section 8.1
 */
export async function pairwiseSubjects(
  deps: PairwiseDeps,
  client: SectorMembers,
): Promise<(userId: string) => string> {
  const sector = sectorOf(client);
  const key = await knownKey(deps);
  return (userId) => macOf(key, [sector, userId]);
}

/** The `sid` of a session for a sector. Its MAC is over another form than that of a subject. */
export async function pairwiseSid(
  deps: PairwiseDeps,
  client: SectorMembers,
  sid: string,
): Promise<string> {
  return macOf(await knownKey(deps), ["sid", sectorOf(client), sid]);
}

function macOf(key: KeyObject, parts: readonly (string | null)[]): string {
  const mac = createHmac("sha256", key).update(JSON.stringify(parts)).digest();
  // As long as a user's id, so that no client's own subject can be one (`subjectOfClient`).
  return toBase64url(mac.subarray(0, 16));
}

function knownKey(deps: PairwiseDeps): Promise<KeyObject> {
  const reading = known.get(deps.kv) ?? keyOf(deps);
  known.set(deps.kv, reading);
  reading.catch(() => known.delete(deps.kv));
  return reading;
}

/** The key, which is made when the first client needs it. */
async function keyOf({ kv, masterKey }: PairwiseDeps): Promise<KeyObject> {
  const found = await kv.step(systemOrigin, (tx) => tx.read({ entry: pairwiseKey.ref() }));
  const sealedKey = found.entry.value?.sealedKey ?? await kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: pairwiseKey.ref() });
    if (entry.value !== null) return entry.value.sealedKey; // another process was first
    const key = toBase64url(tx.random.bytes(32));
    const sealed = await masterKey.seal(key, pairwiseKey.context);
    pairwiseKey.create(tx, { sealedKey: sealed, createdAt: tx.now });
    return sealed;
  });
  return createSecretKey(fromBase64url(await masterKey.unseal(sealedKey, pairwiseKey.context)));
}
