import type { AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Client } from "../../stores/clients.ts";
import type { Confirmation } from "../../stores/confirmation.ts";
import type { Entry, Peeked, Present, Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { User } from "../../stores/users.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import { subjectOf } from "../claims/subject.ts";
import type { Deps } from "../deps/deps.ts";
import {
  accessTokenRefs,
  exchangeableAccessToken,
  isEmptied,
} from "../issuing/live_access_token.ts";
import { readHeld } from "../grantable/audience.ts";
import { registeredOwnScope } from "../grantable/registered_scope.ts";
import { exchangeableGrant } from "../issuing/live_grant.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type AccessTokenAddress, accessTokenAddress } from "../tokens/access_token.ts";
import { type LiveIdToken, readLiveIdToken } from "../tokens/id_token_hint.ts";

/** A token of this server in a request. Nothing but an ID token's signature is checked yet. */
export type PresentedToken =
  | { readonly kind: "access_token"; readonly address: AccessTokenAddress | null }
  | { readonly kind: "id_token"; readonly idToken: LiveIdToken | null };

/** A valid token that a client presents, and what it says. */
export interface ExchangeableToken {
  readonly kind: PresentedToken["kind"];
  readonly grant: Present<Grant>;
  readonly ownGrant: Grant | null;
  /** Null: its subject is a client. */
  readonly userId: string | null;
  readonly user: Present<User> | null;
  readonly subject: string;
  /** The client that it was issued to. */
  readonly client: Client;
  readonly resource: string | null;
  scopeAt(resource: string | null): readonly string[];
  /** Undefined: none. They name their resources. */
  readonly details: readonly AuthorizationDetail[] | undefined;
  readonly confirmation: Confirmation | null;
  readonly actors: readonly string[];
  /** The ancestors of a token that it is exchanged for: its own, and then itself. */
  readonly lineage: readonly string[];
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Reads the type of a token, and verifies it if it is an ID token. An access token is only looked up.
 *
 * @param name the parameter with the token
 * @throws {OAuthError} `invalid_request` for another type
 */
export async function presentedToken(
  deps: Deps,
  name: "subject_token" | "actor_token",
  token: string,
  type: string,
): Promise<PresentedToken> {
  switch (type) {
    case tokenTypes.accessToken:
      return { kind: "access_token", address: accessTokenAddress(token) };
    case tokenTypes.jwt:
      return {
        kind: "access_token",
        address: token.startsWith("ey") ? accessTokenAddress(token) : null,
      };
    case tokenTypes.idToken:
      return { kind: "id_token", idToken: await readLiveIdToken(deps, token) };
  }
  const known = [tokenTypes.accessToken, tokenTypes.jwt, tokenTypes.idToken].join(", ");
  throw new OAuthError("invalid_request", `${name}_type must be one of ${known}`);
}

/** The records at its address, for the first batch of the step. */
export function presentedRefs(presented: PresentedToken | null) {
  if (presented?.kind === "access_token") return accessTokenRefs(presented.address);
  const grantId = presented?.idToken?.grantId ?? null;
  return { token: null, grant: grantId === null ? null : grants.ref(grantId) };
}

/**
 * The token with all that it depends on; null if anything of it has ended. This is the second batch.
 *
 * @param first what is at `presentedRefs`
 * @param prefetch read in the same round trip, for a `peek` that follows
 */
export async function readPresented(
  deps: Deps,
  tx: Transaction,
  presented: PresentedToken,
  first: {
    readonly token: Peeked<AccessToken> | null;
    readonly grant: Entry<Grant> | null;
    readonly provider: Provider;
  },
  prefetch: readonly Ref<unknown>[] = [],
): Promise<ExchangeableToken | null> {
  if (presented.kind === "id_token") {
    return await exchangeableIdToken(deps, tx, presented.idToken, first, prefetch);
  }
  const live = await exchangeableAccessToken(deps, tx, first, prefetch);
  if (live === null || presented.address === null) return null;
  const { token, scope } = live;
  // Details that the token's client is no longer registered for are not in the token any more.
  const details = token.details && await readHeld(tx, live.client, token.details, {});
  if (isEmptied(live, details ?? [])) return null; // as for introspection
  return {
    ...live,
    kind: presented.kind,
    ownGrant: token.ownGrant,
    userId: live.grant.value.userId,
    subject: token.subject,
    resource: token.resources[0] ?? null,
    scopeAt: () => scope,
    details,
    confirmation: token.confirmation,
    actors: token.exchange?.actors ?? [],
    lineage: [...token.exchange?.ancestors ?? [], presented.address.digest],
    expiresAt: token.expiresAt,
  };
}

async function exchangeableIdToken(
  deps: Deps,
  tx: Transaction,
  idToken: LiveIdToken | null,
  first: { readonly grant: Entry<Grant> | null; readonly provider: Provider },
  prefetch: readonly Ref<unknown>[],
): Promise<ExchangeableToken | null> {
  const live = await exchangeableGrant(deps, tx, first, prefetch);
  if (idToken === null || live === null || live.grant.value.userId === null) return null;
  const { client, grant } = live;
  const { userId, resourceScopes, details } = grant.value;
  const registered = registeredOwnScope(client);
  // Userinfo would refuse this client, so its ID token is not exchanged either.
  if (!registered.includes("openid")) return null;
  const ownScope = scopeAt(resourceScopes, null).filter((name) => registered.includes(name));
  const subject = await subjectOf(deps, client, userId ?? "");
  if (idToken.clientId !== client.clientId || idToken.subject !== subject) return null;
  return {
    ...live,
    kind: "id_token",
    ownGrant: null,
    userId,
    subject,
    resource: null,
    scopeAt: (resource) => resource === null ? ownScope : scopeAt(resourceScopes, resource),
    details,
    confirmation: null,
    actors: [],
    lineage: [], // it ends with its grant
    expiresAt: idToken.expiresAt,
  };
}
