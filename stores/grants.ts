import { idOfEnd } from "./audit_event_ids.ts";
import { z } from "zod";
import * as auditEvents from "./audit_events.ts";
import { grantedDetails } from "./authorization_detail_types.ts";
import { isSameClient } from "./client_identity.ts";
import type { Client } from "./clients.ts";
import {
  type Collection,
  collection,
  type Entry,
  type PeekedPresent,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { inPlaces, type Packing } from "./engine/packing.ts";
import {
  claimsForVersion1,
  claimsInVersion1,
  type GrantedClaims,
  grantedClaims,
} from "./granted_claims.ts";
import * as refreshTokenFamilies from "./refresh_token_families.ts";
import { pairsOf, resourceScopeSchema, twoLists } from "./resource_scopes.ts";
import type { User } from "./users.ts";
import type { Transaction } from "./engine/transaction.ts";

export type { GrantedClaims };

export const grantSchema = z.object({
  clientId: z.string(),
  /** When that client was created: a later client with the same id is a different client. */
  clientCreatedAt: z.int().nullable().default(null),
  /** The client's epoch when the grant was given. Records of earlier releases have epoch 0. */
  clientEpoch: z.int().default(0),
  /** The redirect URI that got the code; null: none, or a release that did not record it. */
  redirectUri: z.string().nullable().default(null),
  /** Null: the client acts for itself. */
  userId: z.string().nullable(),
  /** Null: it outlives its session, because offline access was granted. */
  sessionId: z.string().nullable(),
  /** For a grant that outlives its session: the session in which it was given. */
  givenInSession: z.string().optional(),
  resourceScopes: z.array(resourceScopeSchema),
  /** Names of individually requested and granted claims. @see OpenID Connect Core section 5.5 */
  claims: grantedClaims,
  details: grantedDetails,
  /** Whether its code exchange issues a refresh token. */
  refreshable: z.boolean(),
  sid: z.string().nullable(),
  authTime: z.int().nullable(),
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  /** The user's epoch when the grant was given. */
  epoch: z.int().nullable(),
  providerEpoch: z.int(),
  /** The user's last withdrawal from this client when the grant was given; null: there was none. */
  withdrawal: z.string().nullable().default(null),
  /** The trusted issuer that asserted the user, as `trustOf` names it. Absent: none, or not recorded. */
  assertedBy: z.string().optional(),
  createdAt: z.int(),
  /** Everything issued under it has expired then, and the session whose sign-in it shares. */
  expiresAt: z.int(),
});
export type Grant = z.infer<typeof grantSchema>;
export const grantPacking: Packing<Grant> = inPlaces<Grant>({
  expiresAt: 1,
  clientId: 2,
  clientCreatedAt: 3,
  clientEpoch: 4,
  redirectUri: 5,
  userId: 6,
  sessionId: 7,
  givenInSession: 8,
  resourceScopes: 9,
  claims: 10,
  refreshable: 11,
  sid: 12,
  authTime: 13,
  amr: 14,
  acr: 15,
  epoch: 16,
  providerEpoch: 17,
  withdrawal: 18,
  createdAt: 19,
  details: 20,
  assertedBy: 21,
});
const grants = collection({
  family: "grants",
  version: 2,
  schema: grantSchema,
  packing: grantPacking,
  // Combines each scope with each resource, as they were meant. Unregistered pairs are removed at issuing.
  upgrades: {
    1: (grant) => ({
      ...object(grant),
      resourceScopes: pairsOf(
        grant,
        (scope, resources) => resources.map((resource) => ({ resource, scope })),
      ),
      claims: claimsInVersion1(grant),
    }),
  },
  // The previous release reads its own members and ignores `resourceScopes`.
  writes: {
    version: 1,
    downgrade: (grant) => ({
      ...grant,
      ...twoLists(grant.resourceScopes),
      claims: claimsForVersion1(grant.claims),
    }),
  },
});
const grantsByUser = collection({
  family: "grants_by_user",
  version: 1,
  isRarelyRead: true,
  schema: z.object({ clientId: z.string(), expiresAt: z.int() }),
  packing: inPlaces({ expiresAt: 1, clientId: 2 }),
});

export type GrantEndReason =
  | "code_replayed"
  | "reuse_detected"
  | "revoked_by_client"
  | "session_ended"
  | "withdrawn"
  | "admin";

export const byUser: Collection<{ clientId: string; expiresAt: number }> = grantsByUser;

export function ref(grantId: string): Ref<Grant> {
  return grants.ref(grantId);
}

export function idOf(grant: { readonly ref: Ref<Grant> }): string {
  return String(grant.ref.key[1]);
}

/**
 * Whether a grant belongs to this client. False for an earlier client with the same id, and for a client
 * that had a secret when the grant was given and has none now.
 */
export function isTo(client: Client, grant: Grant): boolean {
  return grant.clientId === client.clientId && isSameClient(client, grant) &&
    grant.clientEpoch >= client.grantsEndBefore;
}

/** Adds a grant, under a fresh random id. */
export function add(tx: Transaction, grantId: string, grant: Grant) {
  tx.add(ref(grantId), grant);
  if (grant.userId === null) return;
  const { clientId, expiresAt } = grant;
  tx.add(grantsByUser.ref(grant.userId, grantId), { clientId, expiresAt });
}

/**
 * Ends a grant and everything issued under it: its code, tokens and family name the grant, and become
 * invalid when it is gone.
 */
export function end(
  tx: Transaction,
  grant: Entry<Grant>,
  reason: GrantEndReason,
  user: Present<User> | null = null,
) {
  if (grant.value === null) return; // a grant ends only once
  tx.delete(grant);
  leave(tx, grant, reason, user);
}

/**
 * Ends a grant unchecked, if the step has made sure that it is invalid. Many such ends fit into one
 * commit.
 */
export function endUnchecked(
  tx: Transaction,
  grant: PeekedPresent<Grant>,
  reason: GrantEndReason,
  user: Present<User> | null = null,
) {
  tx.end(grant.ref);
  leave(tx, grant, reason, user);
}

function leave(
  tx: Transaction,
  grant: PeekedPresent<Grant>,
  reason: GrantEndReason,
  user: Present<User> | null,
) {
  const grantId = idOf(grant);
  tx.end(refreshTokenFamilies.ref(grantId));
  const { userId, clientId, sessionId } = grant.value;
  if (userId !== null) tx.end(grantsByUser.ref(userId, grantId));
  auditEvents.append(tx, {
    id: idOfEnd("grant_ended", grantId),
    type: "grant_ended",
    reason,
    grantId,
    clientId,
    userId,
    sessionId,
    user,
    ...(byClient.includes(reason) ? { actor: `client:${clientId}` } : {}),
  });
}

/** Reasons that a client causes by its request; the user has no part in them. */
const byClient: readonly GrantEndReason[] = [
  "code_replayed",
  "reuse_detected",
  "revoked_by_client",
];

function object(record: unknown): object {
  return typeof record === "object" && record !== null ? record : {};
}
