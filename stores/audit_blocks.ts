import { hash } from "node:crypto";
import { z } from "zod";
import type { AuditEvent } from "./audit_events.ts";
import { type Collection, collection, type Present } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const placeSchema = z.tuple([z.int(), z.string()]);
/** A place in the order of time: epoch milliseconds, and an id. */
export type BlockPlace = z.infer<typeof placeSchema>;

const schema = z.object({
  /** The place of its last event. */
  to: placeSchema,
  /** A Bloom filter of what its events are about: their types, clients and users. */
  about: z.instanceof(Uint8Array),
  expiresAt: z.int(),
});
/**
 * A run of audit events in the order of time, without gaps, to which no event can be added any more. It
 * says what its events may be about, so that a search passes over it without reading them. The key is the
 * place before its first event.
 */
export type AuditBlock = z.infer<typeof schema>;
const blocks = collection({ family: "audit_blocks", version: 1, schema });

export const all: Collection<AuditBlock> = blocks;
/** The most events in one block. */
export const eventsPerBlock = 500;

/** The place before the first event of a block. */
export function beginOf({ ref }: { readonly ref: { readonly key: Deno.KvKey } }): BlockPlace {
  return [Number(ref.key[1]), String(ref.key[2])];
}

/**
 * Whether a block was made by a clock that was wrong and has been put back since. When the time of its events
 * comes, others will be written among them, which it does not know: it must not be used.
 * @param now epoch milliseconds
 */
export function isOfFuture({ value }: { readonly value: AuditBlock }, now: number): boolean {
  return value.to[0] > now;
}

/** What a search looks for. All of it must be in one event. */
export interface SearchedFor {
  readonly type?: string | undefined;
  readonly clientId?: string | undefined;
  readonly userId?: string | undefined;
}

/** Whether a block may have such an event. False is certain; true is wrong for about one block in 100. */
export function mayHave({ about }: AuditBlock, { type, clientId, userId }: SearchedFor): boolean {
  const wanted = [
    type === undefined ? [] : [`type:${type}`],
    clientId === undefined ? [] : [`client:${clientId}`],
    userId === undefined ? [] : [`person:${userId}`],
  ].flat();
  return wanted.every((word) =>
    placesIn(about.length, word).every((bit) => ((about[bit >> 3] ?? 0) >> (bit & 7)) & 1)
  );
}

/** Adds a block of events, which come after the place `begin`. */
export function add(
  tx: Transaction,
  { begin, to, events, expiresAt }: {
    readonly begin: BlockPlace;
    readonly to: BlockPlace;
    readonly events: readonly Pick<AuditEvent, "type" | "clientId" | "userId" | "actor">[];
    readonly expiresAt: number;
  },
) {
  const words = new Set(events.flatMap(wordsOf));
  const about = new Uint8Array(Math.ceil(words.size * bitsPerWord / 8));
  for (const word of words) {
    for (const bit of placesIn(about.length, word)) {
      about[bit >> 3] = (about[bit >> 3] ?? 0) | 1 << (bit & 7);
    }
  }
  tx.add(blocks.ref(...begin), { to, about, expiresAt });
}

/** Deletes a block. A search reads its events instead. */
export function remove(tx: Transaction, block: Present<AuditBlock>) {
  tx.end(block.ref);
}

/** With seven places for each word, one block in a hundred seems to have a word that it has not. */
const bitsPerWord = 10;
const placesPerWord = 7;

/** An actor is written as `person:ID` or `client:ID` too. */
function wordsOf(
  { type, clientId, userId, actor }: Pick<AuditEvent, "type" | "clientId" | "userId" | "actor">,
) {
  return [
    `type:${type}`,
    actor,
    ...(clientId === null ? [] : [`client:${clientId}`]),
    ...(userId === null ? [] : [`person:${userId}`]),
  ];
}

function placesIn(bytes: number, word: string): number[] {
  if (bytes === 0) return [];
  const hex = hash("sha256", word, "hex");
  const numberAt = (n: number) => parseInt(hex.slice(8 * n, 8 * n + 8), 16);
  return Array.from({ length: placesPerWord }, (_, n) => numberAt(n) % (8 * bytes));
}
