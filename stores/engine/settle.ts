import { collection, type Ref } from "./collection.ts";
import type { CommitBatch, KvBackend } from "./kv.ts";
import { StoreLimitExceeded, StoreUnavailable } from "./store_errors.ts";
import { z } from "zod";

/**
 * What became of one attempt. `conflict` and `void`: it did not land and never will. `unknown`: the store
 * could not be asked.
 */
export type Outcome = "landed" | "conflict" | "void" | "unknown";

const markers = collection({
  family: "step_markers",
  version: 1,
  schema: z.object({ attempt: z.string(), expiresAt: z.int() }),
});

/** Seconds for which an attempt's outcome can be found out: longer than any settling takes. */
export const markerLifetime = 3600;

/**
 * Where an attempt leaves its marker. Either the attempt itself creates it, or the process that settles
 * it creates it as `void`.
 */
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
 * Commits, and finds out what happened. Over KV Connect, if the reply of a commit is lost, the client may
 * answer `ok: false` though it is stored, or throw, or never return and land later. So each attempt
 * creates a marker in its own commit, and the marker shows whether it landed.
 */
export function commitAttempt(
  backend: KvBackend,
  attempt: Attempt,
  batch: CommitBatch,
): Promise<Outcome> {
  return backend.remote ? commitRemotely(backend, attempt, batch) : commitLocally(backend, batch);
}

async function commitRemotely(
  backend: KvBackend,
  attempt: Attempt,
  batch: CommitBatch,
): Promise<Outcome> {
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

/** A local store always reports the outcome. If it throws, nothing was written. */
async function commitLocally(backend: KvBackend, batch: CommitBatch): Promise<Outcome> {
  try {
    return (await backend.commit(batch)) ? "landed" : "conflict";
  } catch (cause) {
    if (cause instanceof StoreLimitExceeded) throw cause;
    throw new StoreUnavailable("the store refused a commit", { cause });
  }
}

/**
 * Finds out an attempt's outcome by trying to void it. Whatever the store answers, the marker decides:
 * either the attempt or the voiding commit created it, and the other never can.
 */
export async function settle(backend: KvBackend, attempt: Attempt): Promise<Outcome> {
  const voiding = withMarker({ checks: [], mutations: [] }, attempt, "void");
  // The outcome of this commit can be unknown too, so read the marker in any case.
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
  const value = markers.encode(marker, { attempt, expiresAt: now + markerLifetime }, false);
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
