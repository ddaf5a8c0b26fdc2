import { z } from "zod";
import { recordedClient } from "./client_identity.ts";
import type { Client } from "./clients.ts";
import { confirmationSchema } from "./confirmation.ts";
import type { Entry, Present } from "./engine/collection.ts";
import type { Provider } from "./provider.ts";
import type { Transaction } from "./engine/transaction.ts";

/** The members of a request whose client polls for the tokens until a user has answered. */
export const polledShape = {
  clientId: z.string(),
  /** When that client was created: a later client with the same id is a different client. */
  clientCreatedAt: z.int(),
  /** The client's epoch: the request is invalid once the client authenticates in another way. */
  clientEpoch: z.int(),
  /** The id of the grant that it may lead to. The secret that the client polls with begins with it. */
  grantId: z.string(),
  /** As received and checked. They are checked again when the user answers. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** For the ID token. */
  nonce: z.string().nullable(),
  /** Of PKCE: each poll must prove it. Null: the request had none. @see RFC 7636 section 4.4 */
  codeChallenge: z.string().nullable().default(null),
  /** The key that the token request must prove; null: any key, or none. @see RFC 9449 section 10 */
  confirmation: confirmationSchema.nullable(),
  providerEpoch: z.int(),
  /** Seconds that the client must leave between two polls. */
  interval: z.int(),
  /** Epoch seconds of the last poll that was not too early; null: there was none. */
  polledAt: z.int().nullable(),
  /** Whether the interval has grown since that poll. It grows once for all polls that are too early. */
  slowedDown: z.boolean(),
  /** What the user has answered. The grant has the id that the secret begins with. */
  answer: z.enum(["allowed", "denied"]).nullable(),
  /** The digest of the access token that it was exchanged for. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  undelivered: z.boolean(),
  /** Epoch seconds at which the request ends. The record is kept longer, to answer `expired_token`. */
  codesExpireAt: z.int(),
  expiresAt: z.int(),
};
const polledSchema = z.object(polledShape);
export type Polled = z.infer<typeof polledSchema>;

/** Seconds that a client must leave between two polls, until it polls too early. */
export const firstInterval = 5;
/** Seconds for which an expired request is answered by `expired_token`. */
const toldLifetime = 10 * 60;

/** What a client asks for. */
interface Asked extends Pick<Polled, "parameters" | "nonce" | "codeChallenge"> {
  readonly client: Client;
  readonly provider: Provider;
  /** The thumbprint of the key that the token request must prove; null: any key, or none. */
  readonly jkt: string | null;
  /** Seconds in which the user can answer. */
  readonly lifetime: number;
}

/** A new request that nobody has answered, and the secret that its client polls with. */
export function newPolled(
  tx: Transaction,
  { client, provider, jkt, lifetime, parameters, nonce, codeChallenge }: Asked,
): { readonly secret: string; readonly unanswered: Polled } {
  const grantId = tx.ids.id();
  const unanswered = {
    clientId: client.clientId,
    ...recordedClient(client),
    grantId,
    parameters,
    nonce,
    codeChallenge,
    confirmation: jkt === null ? null : { jkt },
    providerEpoch: provider.epoch,
    interval: firstInterval,
    polledAt: null,
    slowedDown: false,
    answer: null,
    spentBy: null,
    undelivered: false,
    codesExpireAt: tx.now + lifetime,
    expiresAt: tx.now + lifetime + toldLifetime,
  };
  return { secret: `${grantId}.${tx.ids.secret()}`, unanswered };
}

/** Whether the user can still answer it. */
export function isWaiting<T extends Polled>(
  entry: Entry<T>,
  { epoch }: Provider,
  now: number,
): entry is Present<T> {
  return entry.value !== null && entry.value.answer === null && entry.value.codesExpireAt > now &&
    entry.value.providerEpoch === epoch;
}

/** Notes a poll that was not too early. */
export function notePoll<T extends Polled>(tx: Transaction, entry: Present<T>) {
  tx.replace(entry, { ...entry.value, polledAt: tx.now, slowedDown: false });
}

/** Lengthens the interval, for this and all later polls. @see RFC 8628 section 3.5 */
export function slowDown<T extends Polled>(tx: Transaction, entry: Present<T>) {
  tx.replace(entry, { ...entry.value, interval: entry.value.interval + 5, slowedDown: true });
}
