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
  /** Whether it registers one client only. */
  singleUse: z.boolean(),
  /** What an administrator notes about it. */
  note: z.string(),
  createdAt: z.int(),
  /** The client that a single-use token registered. With it, the record is a tombstone. */
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

/** Spends a single-use token, in the commit that registers the client. */
export function consume(tx: Transaction, token: Fresh<InitialAccessToken>, clientId: string) {
  tx.replace(token, { ...token.value, spentBy: clientId });
}

/** Withdraws a token: it registers no more clients. Those that it registered stay. */
export function withdraw(tx: Transaction, token: Present<InitialAccessToken>) {
  tx.delete(token);
}
