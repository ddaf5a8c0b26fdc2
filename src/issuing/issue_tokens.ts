import type { Present } from "../../stores/engine/collection.ts";
import type { Grant } from "../../stores/grants.ts";
import { idOf } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf as userIdOf, type User } from "../../stores/users.ts";
import type { Caller } from "../callers/caller.ts";
import type { Deps } from "../deps/deps.ts";
import type { Audience } from "../grantable/audience.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { subjectOf } from "../claims/subject.ts";
import { issueAccessToken } from "../tokens/access_token.ts";
import { signIdToken } from "../tokens/id_token.ts";
import { formatRefreshToken } from "../tokens/refresh_token.ts";
import type { TokenResponse } from "./token_response.ts";

/** What the grant of a user gives a client now. */
export interface Issue extends Caller {
  readonly grant: Present<Grant>;
  readonly person: Present<User>;
  readonly provider: Provider;
  /** Everything that is granted now. The access token is for the audience's part of it. */
  readonly granted: Grantable;
  readonly audience: Audience;
  /** The record after the step; null: no refresh token. */
  readonly family: RefreshTokenFamily | null;
  readonly nonce: string | null;
}

/** Adds the tokens of a user's grant to the step. @see RFC 6749 section 5.1 */
export async function issueTokens(
  deps: Deps,
  tx: Transaction,
  issue: Issue,
): Promise<{ readonly response: TokenResponse; readonly accessTokenDigest: string }> {
  const { client, grant, person, provider, granted, audience, family } = issue;
  const grantId = idOf(grant);
  const subject = subjectOf(userIdOf(person));
  const { accessToken, accessTokenDigest, tokenType, expiresIn } = await issueAccessToken(
    deps,
    tx,
    {
      client,
      provider,
      grantId,
      ownGrant: null,
      subject,
      audience,
      authTime: grant.value.authTime,
      acr: grant.value.acr,
      amr: grant.value.amr,
      proof: issue.proof,
    },
  );
  const response: TokenResponse = {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresIn,
    scope: audience.scope.join(" "),
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
        user: person,
        provider,
        subject,
        nonce: issue.nonce,
        accessToken,
        code: null,
        isAlone: false,
      }),
    }),
  };
  return { response, accessTokenDigest };
}
