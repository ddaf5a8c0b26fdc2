import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import { signingAlgorithms } from "./provider.ts";
import type { Transaction } from "./engine/transaction.ts";
import { allAssertionAlgorithms, clientAuthenticationMethods } from "./client_authentication.ts";
import { epochs } from "./client_epochs.ts";
import { exchangePolicySchema, idJagAudienceSchema } from "./exchange_policy.ts";
import { grantTypes } from "./grant_types.ts";
import { publicJwkSchema } from "./public_jwk.ts";
import { responseTypes } from "./response_types.ts";
import { sectorMembers } from "./sector.ts";
import { requestObjects, signedAnswers } from "./signed_messages.ts";

/** Sets of rules for a client, each with one name. src/clients/profile.ts has the rules. */
export const clientProfiles = ["standard", "mcp", "fapi2"] as const;

/** The record of a client. src/clients/members.ts maps its members to their protocol names. */
export const clientSchema = z.object({
  clientId: z.string(),
  /** Null: a client without a secret. */
  secretDigest: z.string().nullable(),
  /** The secret itself, sealed, for a client that signs with it; null: nobody needs to know it. */
  sealedSecret: z.string().nullable().default(null),
  /** The secret before a rotation, which works until its end as well; null: none. */
  previousSecret: z.object({
    secretDigest: z.string(),
    sealedSecret: z.string().nullable(),
    expiresAt: z.int(),
  }).nullable().default(null),
  clientName: z.string(),
  clientUri: z.string().nullable(),
  logoUri: z.string().nullable(),
  policyUri: z.string().nullable(),
  tosUri: z.string().nullable(),
  /** Where another site may begin a sign-in at the client. @see OpenID Connect Core section 4 */
  initiateLoginUri: z.string().nullable().default(null),
  contacts: z.array(z.string()),
  profile: z.enum(clientProfiles).default("standard"),
  applicationType: z.enum(["web", "native"]),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  /** How it learns that a user elsewhere has answered; null: it asks nobody. */
  backchannelTokenDeliveryMode: z.enum(["poll", "ping"]).nullable().default(null),
  backchannelClientNotificationEndpoint: z.string().nullable().default(null),
  /** The algorithm with which it signs its requests to such users, as it must; null: it signs none. */
  backchannelAuthenticationRequestSigningAlg: z.enum(signingAlgorithms).nullable().default(null),
  /** Where the client is told that a session has ended; null: it is not told. */
  backchannelLogoutUri: z.string().nullable().default(null),
  backchannelLogoutSessionRequired: z.boolean().default(false),
  /** What a browser opens in a frame when it signs out; null: nothing. */
  frontchannelLogoutUri: z.string().nullable().default(null),
  frontchannelLogoutSessionRequired: z.boolean().default(false),
  /** Origins of pages that may request session tokens. Records of earlier releases have none. */
  webOrigins: z.array(z.string()).default([]),
  responseTypes: z.array(z.enum(responseTypes)).default(["code"]),
  grantTypes: z.array(z.enum(grantTypes)),
  tokenEndpointAuthMethod: z.enum(clientAuthenticationMethods),
  /** Null: any algorithm that fits the client's key. */
  tokenEndpointAuthSigningAlg: z.enum(allAssertionAlgorithms).nullable().default(null),
  /** The client's public keys; null: it has none, or they are at `jwksUri`. */
  jwks: z.object({ keys: z.array(publicJwkSchema) }).nullable().default(null),
  jwksUri: z.string().nullable().default(null),
  /** What the certificate of a client with `tls_client_auth` must say: one of them. */
  tlsClientAuthSubjectDn: z.string().nullable().default(null),
  tlsClientAuthSanDns: z.string().nullable().default(null),
  tlsClientAuthSanUri: z.string().nullable().default(null),
  tlsClientAuthSanIp: z.string().nullable().default(null),
  tlsClientAuthSanEmail: z.string().nullable().default(null),
  /** Who a client with `workload_jwt` is to the issuer of its tokens. */
  workloadIssuer: z.string().nullable().default(null),
  workloadSubject: z.string().nullable().default(null),
  /**
   * The scopes that it may request. For resources, `resources` or the resource's own record can limit
   * them.
   */
  scope: z.array(z.string()),
  /**
   * The resources that it may request, with the scopes that it may request there (null: all of `scope`);
   * null: the registration does not say.
   */
  resources: z.array(z.object({ resource: z.string(), scope: z.array(z.string()).nullable() }))
    .nullable().default(null),
  /** The types of authorization details that it may request. @see RFC 9396 section 10 */
  authorizationDetailsTypes: z.array(z.string()).default([]),
  /** What it may get by token exchange. Null: tokens for the audience of its own. */
  tokenExchange: exchangePolicySchema.nullable().default(null),
  /** The authorization servers for which it may get identity assertions (ID-JAG) of its users. */
  idJagAudiences: z.array(idJagAudienceSchema).default([]),
  /** The one client that may act for the users of this one; null: those whose own policy allows it. */
  mayAct: z.string().nullable().default(null),
  /**
   * The name that applications of one vendor have in common: each may use the sign-in in another one on the
   * same device. Null: none may.
   */
  nativeSso: z.string().nullable().default(null),
  idTokenSignedResponseAlg: z.enum(signingAlgorithms),
  /** The groups whose members may use it; null: everybody may. */
  allowedGroups: z.array(z.string()).nullable().default(null),
  /** How it gets claims: by another name, some of the values, with a prefix. See src/clients/claim_rules.ts. */
  claimRules: z.array(z.object({
    claim: z.string(),
    as: z.string().nullable(),
    only: z.array(z.string()).nullable(),
    prefix: z.string().nullable(),
  })).default([]),
  /** Whether its ID tokens also hold the claims of the scope, for applications that read nothing else. */
  idTokenScopeClaims: z.boolean().default(false),
  ...sectorMembers,
  /** Seconds; applies where a request has no `max_age`. */
  defaultMaxAge: z.int().nullable(),
  /** Stored and returned as set, without effect: `auth_time` is in every ID token. */
  requireAuthTime: z.boolean().default(false),
  requirePkce: z.boolean(),
  /** First-party clients: their users are not asked for consent. */
  skipConsent: z.boolean(),
  rotateRefreshTokens: z.boolean(),
  /** @see RFC 9126 section 6 */
  requirePushedAuthorizationRequests: z.boolean(),
  /** @see RFC 9449 section 5.2 */
  dpopBoundAccessTokens: z.boolean(),
  ...signedAnswers,
  ...requestObjects,
  /** @see RFC 8705 section 3.4 */
  tlsClientCertificateBoundAccessTokens: z.boolean().default(false),
  /** Seconds within which a repeated refresh gets the same answer; 0: never. */
  refreshTokenGracePeriod: z.int(),
  /**
   * Rises when the client's authentication changes (its method, secret or keys). Codes and pushed requests of
   * an earlier epoch are invalid.
   */
  epoch: z.int().default(0),
  /**
   * Grants of an earlier epoch than this are invalid: they required a secret, and the client no longer
   * has one.
   */
  grantsEndBefore: z.int().default(0),
  /**
   * For a client that registered itself: the digests of its registration access token, and of the one
   * before, which works until the newer one is used. Null: an operator registered the client.
   */
  registration: z.object({
    accessTokenDigest: z.string(),
    previousDigest: z.string().nullable(),
    /**
     * Another newer token, of a request at the same time, which works until its end (epoch seconds) as
     * well. Null: none.
     */
    superseded: z.object({ digest: z.string(), expiresAt: z.int() }).nullable().default(null),
  }).nullable().default(null),
  /**
   * For a client that registered itself: the members (by their protocol names) that an operator has
   * changed since. Its own updates leave them as they are. Records of earlier releases name none.
   */
  operatorSet: z.array(z.string()).default([]),
  /** For a client whose id is the URL of its metadata: when that was looked at. Null: it is not. */
  document: z.object({ triedAt: z.int(), freshUntil: z.int() }).nullable().default(null),
  createdAt: z.int(),
  updatedAt: z.int(),
  /** Only clients that registered themselves have an end, and use defers it. */
  expiresAt: z.int().optional(),
});
export type Client = z.infer<typeof clientSchema>;
export type ClaimRule = Client["claimRules"][number];
const clients = collection({ family: "clients", version: 1, schema: clientSchema });

export const all: Collection<Client> = clients;

/** The place of a client; `clientId` is at most 256 characters. */
export function ref(clientId: string): Ref<Client> {
  return clients.ref(clientId);
}

export function create(tx: Transaction, client: Client) {
  tx.create(ref(client.clientId), client);
}

/** Writes what changes nothing for the client's users, such as when it ends. */
export function keep(tx: Transaction, entry: Present<Client>, client: Client) {
  tx.replace(entry, client);
}

/** Deletes a client. Everything issued to it names it and becomes invalid. */
export function remove(tx: Transaction, entry: Present<Client>) {
  tx.delete(entry);
}

export function replace(tx: Transaction, entry: Present<Client>, client: Client) {
  const { createdAt } = entry.value;
  tx.replace(entry, { ...client, ...epochs(entry.value, client), createdAt, updatedAt: tx.now });
}
