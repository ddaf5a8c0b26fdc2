import type { Grant } from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import type { Derivation } from "../../stores/engine/derived.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type AccessTokenAddress, accessTokenAddress } from "../tokens/access_token.ts";
import { assertProofOfProfile } from "../tokens/dpop.ts";
import { accessTokenRefs, liveAccessToken } from "../issuing/live_access_token.ts";
import type { Possession } from "../tokens/confirmation.ts";
import {
  assertPossession,
  type TokenPresentation,
  verifiedPresentation,
} from "../tokens/possession.ts";
import { claimsFor, type ClaimValues, grantableClaims } from "../claims/claims.ts";
import { registeredOwnScope } from "../grantable/registered_scope.ts";

/** The claims as JSON; or a JWT with them, as the client is registered. */
export type UserInfo =
  | { readonly claims: Record<string, unknown> }
  | { readonly jwt: string };

/**
 * The claims about the user that a client may know, as they are at this moment.
 *
 * @throws {OAuthError} `invalid_token`; `insufficient_scope` without `openid`
 * @see OpenID Connect Core section 5.3
 */
export async function readUserInfo(
  deps: Deps,
  { origin, ...presented }: TokenPresentation & { readonly origin: Origin },
): Promise<UserInfo> {
  const possession = await verifiedPresentation(deps, presented);
  const address = accessTokenAddress(presented.accessToken);
  const isBearer = possession.proof === null && possession.certificate === null;
  const id = isBearer && address !== null ? address.digest : null;
  const known = id === null ? null : deps.kv.derived(plainUserInfo, id);
  if (known !== null) return known;
  return await clientStep(deps, { origin }, async (tx) => {
    const userInfo = await userInfoOf(deps, tx, address, possession);
    // A signed answer is made anew each time.
    if (id !== null && "claims" in userInfo) tx.remember(plainUserInfo, id, userInfo);
    return userInfo;
  });
}

/** Of bearer tokens. */
const plainUserInfo: Derivation<UserInfo> = { kind: "userinfo" };

async function userInfoOf(
  deps: Deps,
  tx: Transaction,
  address: AccessTokenAddress | null,
  possession: Possession,
): Promise<UserInfo> {
  const first = await providers.read(tx, { ...accessTokenRefs(address) });
  const { provider } = first;
  const live = await liveAccessToken(deps, tx, { ...first, provider });
  // A token for a resource server must not give access to anything else (RFC 8707 section 2).
  if (live === null || live.user === null || live.token.resources.length > 0) {
    throw new OAuthError("invalid_token", "the access token is unknown, expired or revoked", {
      reason: "access_token_unknown",
    });
  }
  assertProofOfProfile(live.client, possession.proof);
  await assertPossession(tx, live.token, possession);
  if (!live.scope.includes("openid")) {
    throw new OAuthError("insufficient_scope", "the access token was not granted openid");
  }
  const { client, token, grant, scope } = live;
  const { userinfo: granted, values: wanted } = grant.value.claims;
  const asked = {
    userinfo: token.claims ?? granted,
    idToken: [],
    ...(wanted && { values: wanted }),
  };
  const { userinfo: names, values } = grantableClaims(
    asked,
    registeredOwnScope(client),
    provider.customClaims,
  );
  // Not one await for the many who ask for no claim by name.
  const ofSignIn = names.length === 0
    ? {}
    : await signInClaims(grant.value, names, values?.userinfo);
  const claims = {
    ...claimsFor(client, live.user, provider, { scope, names, values: values?.userinfo }),
    ...ofSignIn,
    sub: live.token.subject,
  };
  if (client.userinfoSignedResponseAlg === null && client.userinfoEncryptedResponseAlg === null) {
    return { claims };
  }
  const { protectedUserInfo } = await import("./protected_userinfo.ts"); // few clients want it
  return { jwt: await protectedUserInfo(deps, tx, { client, provider, claims }) };
}

/** What the client asked for by name of how the user signed in. */
async function signInClaims(grant: Grant, names: readonly string[], values?: ClaimValues) {
  const { signInClaimsOf } = await import("../claims/requested_claims.ts"); // few clients ask for it
  return signInClaimsOf(grant, names, values);
}
