import type { Present } from "../../stores/engine/collection.ts";
import { type Grant, idOf } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf as userIdOf, type User } from "../../stores/users.ts";
import type { Caller } from "../callers/caller.ts";
import { type AuthenticatedClient, isPublic } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import type { Audience } from "../grantable/audience.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { subjectOf } from "../claims/subject.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import type { Binding } from "../tokens/confirmation.ts";
import { signIdToken } from "../tokens/id_token.ts";
import { formatRefreshToken } from "../tokens/refresh_token.ts";
import { accessTokenResponse, type TokenResponse } from "./token_response.ts";

/** A grant that was read, or that this step adds. */
export type IssuingGrant = Pick<Present<Grant>, "ref" | "value">;

/** What the grant of a user gives a client now. */
export interface Issue extends Caller {
  readonly binding: Binding;
  readonly grant: IssuingGrant;
  readonly user: Present<User>;
  readonly provider: Provider;
  /** Everything that is granted now. The access token is for the audience's part of it. */
  readonly granted: Grantable;
  readonly audience: Audience;
  /** The record after the step; null: no refresh token. */
  readonly family: RefreshTokenFamily | null;
  readonly nonce: string | null;
  /** Of the device secret that the client shares a sign-in by. */
  readonly dsHash?: string | null;
}

/** Adds the tokens of a user's grant to the step. @see RFC 6749 section 5.1 */
export async function issueTokens(
  deps: Deps,
  tx: Transaction,
  issue: Issue,
): Promise<{ readonly response: TokenResponse; readonly accessTokenDigest: string }> {
  const { client, grant, user, provider, granted, audience, family } = issue;
  const grantId = idOf(grant);
  const subject = await subjectOf(deps, client, userIdOf(user));
  const issued = await issueAccessToken(deps, tx, {
    client,
    provider,
    grantId,
    ownGrant: null,
    subject,
    audience,
    grant: grant.value,
    binding: issue.binding,
  });
  const response: TokenResponse = {
    ...accessTokenResponse(issued, audience),
    ...(family && {
      refresh_token: await formatRefreshToken(deps.masterKey, {
        grantId,
        generation: family.generation,
      }),
    }),
    ...(scopeAt(granted.resourceScopes, null).includes("openid") && {
      id_token: await signIdToken(deps, tx, {
        client,
        grantId,
        grant: grant.value,
        granted,
        user,
        provider,
        subject,
        nonce: issue.nonce,
        accessToken: issued.accessToken,
        code: null,
        isAlone: false,
        dsHash: issue.dsHash ?? null,
      }),
    }),
  };
  return { response, accessTokenDigest: issued.accessTokenDigest };
}

/**
 * Adds the refresh token family of a grant whose code is exchanged; null if the grant has none.
 *
 * @param undelivered whether the code was exchanged before, and its answer was never delivered
 */
export function addFamily(
  deps: Deps,
  tx: Transaction,
  grant: IssuingGrant,
  { client, binding }: { readonly client: AuthenticatedClient; readonly binding: Binding },
  { undelivered }: { readonly undelivered: boolean },
) {
  if (!grant.value.refreshable) return null;
  const { refreshTokenIdle, refreshTokenMax } = deps.config.lifetimes;
  const family = {
    clientId: client.clientId,
    // Its authentication binds a confidential client. Its keys may change (RFC 9449 section 5).
    confirmation: isPublic(client) ? binding.confirmation : null,
    // Generation 1 was in an answer that was never delivered. Start at 2, so that it stays invalid.
    generation: undelivered ? 2 : 1,
    undelivered: false,
    presented: 0,
    grace: null,
    createdAt: tx.now,
    lastUsedAt: null,
    expiresAt: tx.now + Math.min(refreshTokenIdle, refreshTokenMax),
    endsAt: tx.now + refreshTokenMax,
  };
  refreshTokenFamilies.add(tx, idOf(grant), family);
  return family;
}
