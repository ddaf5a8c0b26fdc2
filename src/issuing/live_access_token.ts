import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import type { AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry, Peeked, Ref } from "../../stores/engine/collection.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import * as resources from "../../stores/resources.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { peekInBatches } from "../../stores/engine/batches.ts";
import type { PeekReason, Transaction } from "../../stores/engine/transaction.ts";
import { presentedScope } from "../grantable/presented_scope.ts";
import type { RegistrationRule } from "../grantable/registered_scope.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import type { TrustRule } from "../clients/other_issuers.ts";
import { refusesBearerTokens } from "../clients/profile.ts";
import { noteClient } from "../protocol/refusals.ts";
import type { AccessTokenAddress } from "../tokens/access_token.ts";
import { grantRefs, type LiveGrant, liveGrant } from "./live_grant.ts";

/**
 * The two records at a token's address. They are the first batch of an endpoint that receives the
 * token.
 */
export function accessTokenRefs(address: AccessTokenAddress | null) {
  return {
    token: address && accessTokens.ref(address.digest),
    grant: address && grants.ref(address.grantId),
  };
}

/** A token that is valid at this moment. */
export interface LiveAccessToken extends LiveGrant {
  readonly token: AccessToken;
  /** The part of the token's scope that its client is still registered for. */
  readonly scope: readonly string[];
  /** The client that holds the token. It is not the grant's if it got the token by token exchange. */
  readonly client: Client;
}

/**
 * Whether all that a token was issued for is gone. A token that never had a scope or authorization details
 * lacks nothing.
 *
 * @param details those that are left
 */
export function isEmptied(
  { token, scope }: Pick<LiveAccessToken, "token" | "scope">,
  details: readonly AuthorizationDetail[],
): boolean {
  const hadAny = token.scope.length > 0 || token.details !== undefined;
  return scope.length === 0 && details.length === 0 && hadAny;
}

interface FirstBatch {
  readonly token: Peeked<AccessToken> | null;
  readonly grant: Entry<Grant> | null;
  readonly provider: Provider;
}

/**
 * Returns the token with its records if it is valid. Null if its grant or a record that the grant
 * depends on has ended, if the key that signed it was withdrawn, or if its client may no longer ask for
 * its resource.
 *
 * This is the second batch, because only the token and its grant name these records.
 *
 * @param prefetch read in the same round trip, for a `peek` that follows
 */
export async function liveAccessToken(
  { config }: { readonly config: RegistrationRule & TrustRule },
  tx: Transaction,
  first: FirstBatch,
  prefetch: readonly Ref<unknown>[] = [],
): Promise<LiveAccessToken | null> {
  const found = heldToken(first);
  if (found === null) return null;
  const reading = tx.read(
    accessTokenRecords(found),
    [...found.token.resources.map(resources.ref), ...prefetch],
  );
  // Nothing that is written depends on them: their end is final, and the next use sees it.
  const [records, ancestors] = found.token.exchange === null
    ? [await reading, []]
    : await Promise.all([reading, ancestorsOf(tx, found, "only_shown")]);
  return await liveIn(config, tx, { ...found, ...records, ancestors, provider: first.provider });
}

/**
 * The same for a step that issues another token of the same grant, which has too much else to check. The
 * user and the session are checked by the commit. Each use of the new token looks at all of it again.
 */
export async function exchangeableAccessToken(
  { config }: { readonly config: RegistrationRule & TrustRule },
  tx: Transaction,
  first: FirstBatch,
  prefetch: readonly Ref<unknown>[],
): Promise<LiveAccessToken | null> {
  const found = heldToken(first);
  if (found === null) return null;
  const { user, session, ...others } = accessTokenRecords(found);
  const unchecked = Object.values(others).filter((ref) => ref !== null);
  const checked = await tx.read(
    { user, session },
    [...unchecked, ...found.token.resources.map(resources.ref), ...prefetch],
  );
  const ancestors = await ancestorsOf(tx, found, "checked_at_use");
  const records = { ...checked, ...await tx.peek(others, "checked_at_use"), ancestors };
  return await liveIn(config, tx, { ...found, ...records, provider: first.provider });
}

interface HeldToken {
  readonly token: AccessToken;
  readonly grant: Entry<Grant>;
}

function heldToken({ token, grant: atItsPlace }: FirstBatch): HeldToken | null {
  const grant = accessTokens.grantOf(token, atItsPlace);
  if (!token || !grant || token.value === null || grant.value === null) return null;
  noteClient(token.value.clientId);
  const { grantId, clientId, exchange } = token.value;
  if (grantId !== grants.idOf(grant)) return null;
  if (exchange === null && clientId !== grant.value.clientId) return null;
  return { token: token.value, grant };
}

/** What a token depends on. Only one that was exchanged depends on more than its grant and its key. */
function accessTokenRecords({ token: { kid, clientId, exchange }, grant }: HeldToken) {
  return {
    ...grantRefs(grant),
    key: kid === null ? null : signingKeys.ref(kid),
    holder: exchange === null ? null : clients.ref(clientId),
  };
}

/** The tokens that it came of, in a batch of their own: the other one is full. */
function ancestorsOf(
  tx: Transaction,
  { token: { exchange } }: HeldToken,
  because: PeekReason,
): Promise<Peeked<AccessToken>[]> {
  return peekInBatches(tx, exchange?.ancestors.map(accessTokens.ref) ?? [], because);
}

async function liveIn(
  rule: RegistrationRule & TrustRule,
  tx: Transaction,
  { token, grant, key, holder, ancestors, ...records }: HeldToken & {
    readonly key: Peeked<unknown> | null;
    readonly holder: Peeked<Client> | null;
    readonly ancestors: readonly Peeked<AccessToken>[];
    readonly client: Peeked<Client> | null;
    readonly user: Entry<User> | null;
    readonly session: Entry<Session> | null;
    readonly provider: Provider;
  },
): Promise<LiveAccessToken | null> {
  if (key !== null && key.value === null) return null;
  // Revoking a token also ends every token that was exchanged for it.
  if (ancestors.some(({ value }) => value === null)) return null;
  const live = liveGrant({ config: rule, grant, ...records });
  const client = live && holderOf(live, token, holder);
  if (client && refusesBearerTokens(client) && token.confirmation === null) return null;
  const scope = client && await presentedScope(rule, tx, client, token);
  return live && client && scope && { ...live, token, scope, client };
}

/**
 * Null: the client was deleted, or its authentication became weaker, since it got the token, or the user
 * may not use it.
 */
function holderOf(
  { client, user }: LiveGrant,
  { exchange }: AccessToken,
  holder: Peeked<Client> | null,
): Client | null {
  if (exchange === null) return client;
  if (holder === null || holder.value === null) return null;
  if (user !== null && !mayUse(holder.value, user.value)) return null;
  const { createdAt, grantsEndBefore } = holder.value;
  return createdAt === exchange.clientCreatedAt && exchange.clientEpoch >= grantsEndBefore
    ? holder.value
    : null;
}
