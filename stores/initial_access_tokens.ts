import { z } from "zod";
import {
  type Collection,
  collection,
  type Fresh,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  tokenDigest: z.string(),
  /** Whether it can be used up: an earlier release lets such a token register one client. */
  singleUse: z.boolean(),
  /** How many clients it registers; null: one if `singleUse`, else any number. */
  mostUses: z.int().positive().nullable().default(null),
  /** How many it has registered, if they are counted. */
  uses: z.int().default(0),
  /** What an administrator notes about it. */
  note: z.string(),
  createdAt: z.int(),
  /** The last client that a token registered which is used up. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
/** A token that lets its holder register clients. @see RFC 7591 section 3 */
export type InitialAccessToken = z.infer<typeof schema>;
const tokens = collection({ family: "initial_access_tokens", version: 1, schema });

export const all: Collection<InitialAccessToken> = tokens;

export function ref(id: string): Ref<InitialAccessToken> {
  return tokens.ref(id);
}

export function idOf(token: Present<InitialAccessToken>): string {
  return String(token.ref.key[1]);
}

export function add(tx: Transaction, id: string, token: InitialAccessToken) {
  tx.add(ref(id), token);
}

/** Spends one use of a counted token, in the commit that registers the client. */
export function consume(tx: Transaction, token: Fresh<InitialAccessToken>, clientId: string) {
  const uses = token.value.uses + 1;
  const isUsedUp = uses >= (token.value.mostUses ?? 1);
  tx.replace(token, { ...token.value, uses, spentBy: isUsedUp ? clientId : null });
}

/** Withdraws a token: it registers no more clients. Those that it registered stay. */
export function withdraw(tx: Transaction, token: Present<InitialAccessToken>) {
  tx.delete(token);
}
