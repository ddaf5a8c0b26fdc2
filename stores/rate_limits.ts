import { z } from "zod";
import { digest, digestNow, earlyDigest } from "../src/crypto/digest.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { named, type Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The limit's name, for operators: the key is only a digest. */
  limit: z.string(),
  /** When the last requests passed, in epoch milliseconds, oldest first. */
  passed: z.array(z.int()),
  /** Epoch seconds at which the last request leaves the window. */
  expiresAt: z.int(),
});
export type RateLimitLog = z.infer<typeof schema>;
const logs = collection({ family: "rate_limits", version: 1, schema });

export const all: Collection<RateLimitLog> = logs;

/** The place of the log of one limit for one subject, such as an account and an address. */
export async function ref(limit: string, ...subject: string[]): Promise<Ref<RateLimitLog>> {
  return logs.ref(await digest(JSON.stringify([limit, ...subject])));
}

/** The same, for a subject that many requests have in common, such as an address. */
export const { recentRef } = recentRefs(logs);

/** Stores a log until its last entry has left the window (in seconds). */
export function write(
  tx: Transaction,
  entry: Entry<RateLimitLog>,
  { limit, passed, window }: { limit: string; passed: readonly number[]; window: number },
) {
  const last = passed.at(-1) ?? tx.milliseconds;
  const log = { limit, passed: [...passed], expiresAt: Math.ceil(last / 1000) + window };
  if (entry.value === null) tx.create(entry.ref, log);
  else tx.replace(entry, log);
}

/** Deletes the log: the full limit is available again. */
export function reset(tx: Transaction, entry: Present<RateLimitLog>) {
  tx.delete(entry);
}

/**
 * Finds the places of limits whose subjects are no secrets and send many requests, such as an address: the
 * places of recent ones are remembered.
 */
export function recentRefs<T>(collection: Collection<T>) {
  const recent = new Map<string, Ref<T>>();
  const mostRecent = 2000;
  const longestRecent = 512;
  const remember = (text: string, digest: string): Ref<T> => {
    // Anyone can send many subjects, so this forgets all at once instead of growing.
    if (recent.size >= mostRecent) recent.clear();
    const made = named(collection.ref(digest));
    if (text.length <= longestRecent) recent.set(text, made);
    return made;
  };
  return {
    recentRef(limit: string, ...subject: string[]): Ref<T> {
      const text = textOf(limit, subject);
      return recent.get(text) ?? remember(text, digestNow(JSON.stringify([limit, ...subject])));
    },
    /** A promise only among the first requests of a process, as `earlyDigest` says. */
    earlyRef(limit: string, ...subject: string[]): Ref<T> | Promise<Ref<T>> {
      const text = textOf(limit, subject);
      const known = recent.get(text);
      if (known !== undefined) return known;
      const digest = earlyDigest(JSON.stringify([limit, ...subject]));
      return typeof digest === "string"
        ? remember(text, digest)
        : digest.then((digest) => remember(text, digest));
    },
  };
}

/** As JSON would be, in less time. */
function textOf(limit: string, subject: readonly string[]): string {
  let text = limit;
  for (const part of subject) text += `\n${part.length} ${part}`;
  return text;
}
