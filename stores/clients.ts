import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import { signingAlgorithms } from "./provider.ts";
import type { Transaction } from "./engine/transaction.ts";

/** @see RFC 7591 section 2 */
export const clientAuthenticationMethods = [
  "client_secret_basic",
  "client_secret_post",
  "none",
] as const;
export type ClientAuthenticationMethod = (typeof clientAuthenticationMethods)[number];
export const grantTypes = ["authorization_code", "refresh_token", "client_credentials"] as const;

const schema = z.object({
  clientId: z.string(),
  /** Null: a public client. */
  secretDigest: z.string().nullable(),
  clientName: z.string(),
  clientUri: z.string().nullable(),
  logoUri: z.string().nullable(),
  policyUri: z.string().nullable(),
  tosUri: z.string().nullable(),
  contacts: z.array(z.string()),
  applicationType: z.enum(["web", "native"]),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  /** Of pages that may ask for session tokens. Records from before there were any have none. */
  webOrigins: z.array(z.string()).default([]),
  grantTypes: z.array(z.enum(grantTypes)),
  tokenEndpointAuthMethod: z.enum(clientAuthenticationMethods),
  /** What it may ask for. */
  scope: z.array(z.string()),
  idTokenSignedResponseAlg: z.enum(signingAlgorithms),
  /** Seconds; applies where a request has no `max_age`. */
  defaultMaxAge: z.int().nullable(),
  requirePkce: z.boolean(),
  /** First-party clients, whose people are not asked. */
  skipConsent: z.boolean(),
  rotateRefreshTokens: z.boolean(),
  /** @see RFC 9126 section 6 */
  requirePushedAuthorizationRequests: z.boolean(),
  /** @see RFC 9449 section 5.2 */
  dpopBoundAccessTokens: z.boolean(),
  /** Seconds within which a repeated refresh gets the same answer; 0: never. */
  refreshTokenGracePeriod: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Client = z.infer<typeof schema>;
const clients = collection({ family: "clients", version: 1, schema });

export const all: Collection<Client> = clients;

/** Points at a client; `clientId` is at most 256 characters. */
export function ref(clientId: string): Ref<Client> {
  return clients.ref(clientId);
}

export function create(tx: Transaction, client: Client) {
  tx.create(ref(client.clientId), client);
}

/** Deletes a client: all that was issued to it names it, and is dead. */
export function remove(tx: Transaction, entry: Present<Client>) {
  tx.delete(entry);
}

export function replace(tx: Transaction, entry: Present<Client>, client: Client) {
  tx.replace(entry, { ...client, createdAt: entry.value.createdAt, updatedAt: tx.now });
}
