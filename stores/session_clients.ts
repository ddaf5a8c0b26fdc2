import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  userId: z.string(),
  /** When the client was created: a later client with the same id is not told. */
  clientCreatedAt: z.int(),
  /** The `sid` in the ID tokens of the session. */
  sid: z.string(),
  expiresAt: z.int(),
});
/** A client that got an ID token in a session and wants to be told when the session ends. */
export type SessionClient = z.infer<typeof schema>;
const sessionClients = collection({ family: "session_clients", version: 1, schema });

/** The clients of all sessions, by session. */
export const all: Collection<SessionClient> = sessionClients;

/** @param clientId at most 256 characters */
export function ref(sessionId: string, clientId: string): Ref<SessionClient> {
  return sessionClients.ref(sessionId, clientId);
}

export function sessionIdOf({ ref }: { readonly ref: Ref<SessionClient> }): string {
  return String(ref.key[1]);
}

export function clientIdOf({ ref }: { readonly ref: Ref<SessionClient> }): string {
  return String(ref.key[2]);
}

/** Remembers a client of a session. A client that is remembered already stays so, with a later end. */
export function add(
  tx: Transaction,
  { sessionId, clientId }: { readonly sessionId: string; readonly clientId: string },
  client: SessionClient,
) {
  tx.add(ref(sessionId, clientId), client);
}

/** Forgets a client, in the commit that adds its message to the outbox: it is told once. */
export function consume(tx: Transaction, client: Present<SessionClient>) {
  tx.delete(client);
}
