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

/** The record of a client; what each member is on the wire is in src/clients/members.ts. */
export const clientSchema = z.object({
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
  responseTypes: z.array(z.literal("code")).default(["code"]),
  grantTypes: z.array(z.enum(grantTypes)),
  tokenEndpointAuthMethod: z.enum(clientAuthenticationMethods),
  /** The names that it may ask for; those of resources where `resources` or the resource says so. */
  scope: z.array(z.string()),
  /**
   * Resources that it may ask for, with the scopes that it may ask for there (null: all of `scope`);
   * null: it was registered without saying so.
   */
  resources: z.array(z.object({ resource: z.string(), scope: z.array(z.string()).nullable() }))
    .nullable().default(null),
  idTokenSignedResponseAlg: z.enum(signingAlgorithms),
  /** Whether its ID tokens hold the claims of the scope too, as some applications read nothing else. */
  idTokenScopeClaims: z.boolean().default(false),
  /** Seconds; applies where a request has no `max_age`. */
  defaultMaxAge: z.int().nullable(),
  /** Answered as it was set: `auth_time` is in every ID token. */
  requireAuthTime: z.boolean().default(false),
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
  /**
   * Rises when what the client proves itself with changes: its kind, its secret. Codes and pushed
   * requests of an earlier epoch are dead.
   */
  epoch: z.int().default(0),
  /** Grants of an epoch before this one are dead: they needed a secret that it has no more. */
  grantsEndBefore: z.int().default(0),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Client = z.infer<typeof clientSchema>;
const clients = collection({ family: "clients", version: 1, schema: clientSchema });

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
  const { createdAt } = entry.value;
  tx.replace(entry, { ...client, ...epochs(entry.value, client), createdAt, updatedAt: tx.now });
}

/**
 * The epochs of a client that changes. With another secret the same client goes on: its refresh tokens
 * are bound to whoever can authenticate as it. Without any they would be anybody's, so they end.
 */
function epochs(before: Client, after: Client): Pick<Client, "epoch" | "grantsEndBefore"> {
  const wasPublic = before.tokenEndpointAuthMethod === "none";
  const isPublic = after.tokenEndpointAuthMethod === "none";
  const changed = wasPublic !== isPublic || before.secretDigest !== after.secretDigest;
  const epoch = before.epoch + (changed ? 1 : 0);
  return { epoch, grantsEndBefore: isPublic && !wasPublic ? epoch : before.grantsEndBefore };
}
