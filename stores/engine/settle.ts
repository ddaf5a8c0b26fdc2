import { collection, type Ref } from "./collection.ts";
import { type CommitBatch, type KvBackend, StoreLimitExceeded, StoreUnavailable } from "./kv.ts";
import { z } from "zod";

/**
 * What became of one attempt. `conflict` and `void` both mean that it did not and never will land;
 * `unknown` that the store could not be asked.
 */
export type Outcome = "landed" | "conflict" | "void" | "unknown";

const markers = collection({
  family: "step_markers",
  version: 1,
  schema: z.object({ attempt: z.string(), expiresAt: z.int() }),
});

/** Seconds for which it can be told whether an attempt landed: longer than any settling goes on. */
export const markerLifetime = 3600;

/** Where an attempt leaves its trace: created by the attempt itself, or as `void` by who settles it. */
export interface Attempt {
  readonly id: string;
  readonly marker: Ref<{ attempt: string; expiresAt: number }>;
  readonly now: number;
}

/** `id` is random: no two attempts share a marker. */
export function newAttempt(id: string, now: number): Attempt {
  return { id, marker: markers.ref(id), now };
}

/**
 * Commits, and finds out what happened. Over KV Connect a commit whose reply was lost answers
 * `ok: false` though it is stored, or throws, or never returns and may land later. So each attempt
 * creates a marker in its own commit, and the marker tells.
 */
export async function commitAttempt(
  backend: KvBackend,
  attempt: Attempt,
  batch: CommitBatch,
): Promise<Outcome> {
  if (!backend.remote) return await commitLocally(backend, batch);
  try {
    if (await backend.commit(withMarker(batch, attempt, attempt.id))) return "landed";
  } catch (cause) {
    if (cause instanceof StoreLimitExceeded) throw cause;
    return await settle(backend, attempt);
  }
  try {
    return await readMarker(backend, attempt) === attempt.id ? "landed" : "conflict";
  } catch {
    return await settle(backend, attempt);
  }
}

/** A local store always says what happened; one that throws has written nothing. */
async function commitLocally(backend: KvBackend, batch: CommitBatch): Promise<Outcome> {
  try {
    return (await backend.commit(batch)) ? "landed" : "conflict";
  } catch (cause) {
    if (cause instanceof StoreLimitExceeded) throw cause;
    throw new StoreUnavailable("the store refused a commit", { cause });
  }
}

/**
 * Asks for an attempt's fate by trying to void it. Whatever that is answered, the marker decides: one
 * of the two created it, and the other never can.
 */
export async function settle(backend: KvBackend, attempt: Attempt): Promise<Outcome> {
  const voiding = withMarker({ checks: [], mutations: [] }, attempt, "void");
  // Its own outcome can be as unknown as the attempt's; the marker is read either way.
  await backend.commit(voiding).catch(() => null);
  try {
    const marked = await readMarker(backend, attempt);
    if (marked === attempt.id) return "landed";
    return marked === "void" ? "void" : "unknown";
  } catch {
    return "unknown";
  }
}

function withMarker(batch: CommitBatch, { marker, now }: Attempt, attempt: string): CommitBatch {
  const value = markers.encode({ attempt, expiresAt: now + markerLifetime });
  return {
    checks: [...batch.checks, { key: marker.key, versionstamp: null }],
    mutations: [
      ...batch.mutations,
      { type: "set", key: marker.key, value, expireIn: markerLifetime * 1000 },
    ],
  };
}

async function readMarker(backend: KvBackend, { marker, now }: Attempt): Promise<string | null> {
  const [raw] = await backend.getMany([marker.key]);
  return raw ? markers.decode(marker, raw, now).value?.attempt ?? null : null;
}
