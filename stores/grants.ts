import { z } from "zod";
import * as auditEvents from "./audit_events.ts";
import type { Client } from "./clients.ts";
import {
  type Collection,
  collection,
  type Entry,
  type PeekedPresent,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import * as refreshTokenFamilies from "./refresh_token_families.ts";
import type { User } from "./users.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** When that client was made: one of the same id that was made later is another. */
  clientCreatedAt: z.int().nullable().default(null),
  /** Null: the client acts for itself. */
  userId: z.string().nullable(),
  /** Null: it outlives its session, because offline access was granted. */
  sessionId: z.string().nullable(),
  scope: z.array(z.string()),
  /** The `claims` request parameter, as JSON. @see OpenID Connect Core section 5.5 */
  claims: z.string().nullable(),
  resources: z.array(z.string()),
  /** Whether its code exchange issues a refresh token. */
  refreshable: z.boolean(),
  sid: z.string().nullable(),
  authTime: z.int().nullable(),
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  /** The person's epoch when it was given. */
  epoch: z.int().nullable(),
  providerEpoch: z.int(),
  /** The person's last withdrawal from this client when it was given; null: there was none. */
  withdrawal: z.string().nullable().default(null),
  createdAt: z.int(),
  /** When the last thing it issued has expired. */
  expiresAt: z.int(),
});
export type Grant = z.infer<typeof schema>;
const grants = collection({ family: "grants", version: 1, schema });
const grantsByUser = collection({
  family: "grants_by_user",
  version: 1,
  schema: z.object({ clientId: z.string(), expiresAt: z.int() }),
  target: (key) => ref(String(key[2])),
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

/** Whether a grant was given to this client, and not to one that had its id before. */
export function isTo(client: Client, grant: Grant): boolean {
  return grant.clientId === client.clientId &&
    (grant.clientCreatedAt ?? client.createdAt) === client.createdAt;
}

/** Adds a grant, under a fresh random id. */
export function add(tx: Transaction, grantId: string, grant: Grant) {
  tx.add(ref(grantId), grant);
  if (grant.userId === null) return;
  const { clientId, expiresAt } = grant;
  tx.add(grantsByUser.ref(grant.userId, grantId), { clientId, expiresAt });
}

/** Ends a grant and all that it issued: its code, tokens and family name it, and find it gone. */
export function end(
  tx: Transaction,
  grant: Entry<Grant>,
  reason: GrantEndReason,
  person: Present<User> | null = null,
) {
  if (grant.value === null) return; // what has ended ends no second time
  tx.delete(grant);
  leave(tx, grant, reason, person);
}

/** Ends a grant unchecked, where the step has made sure that it is dead: many fit into one commit. */
export function endUnchecked(
  tx: Transaction,
  grant: PeekedPresent<Grant>,
  reason: GrantEndReason,
  person: Present<User> | null = null,
) {
  tx.end(grant.ref);
  leave(tx, grant, reason, person);
}

function leave(
  tx: Transaction,
  grant: PeekedPresent<Grant>,
  reason: GrantEndReason,
  person: Present<User> | null,
) {
  const grantId = idOf(grant);
  tx.end(refreshTokenFamilies.ref(grantId));
  const { userId, clientId, sessionId } = grant.value;
  if (userId !== null) tx.end(grantsByUser.ref(userId, grantId));
  auditEvents.append(tx, {
    id: auditEvents.idOfEnd("grant_ended", grantId),
    type: "grant_ended",
    reason,
    grantId,
    clientId,
    userId,
    sessionId,
    person,
    ...(byClient.includes(reason) ? { actor: `client:${clientId}` } : {}),
  });
}

/** Ends that a client brings about by what it sends; the person has no part in them. */
const byClient: readonly GrantEndReason[] = [
  "code_replayed",
  "reuse_detected",
  "revoked_by_client",
];
