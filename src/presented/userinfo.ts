import * as providers from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { accessTokenAddress } from "../tokens/access_token.ts";
import { assertProofOfProfile } from "../tokens/dpop.ts";
import { accessTokenRefs, liveAccessToken } from "../issuing/live_access_token.ts";
import { assertPossession, type TokenPresentation } from "../tokens/possession.ts";
import { verifiedPresentation } from "../tokens/possession.ts";
import { claimsFor, grantableClaims } from "../claims/claims.ts";
import { registeredOwnScope } from "../grantable/registered_scope.ts";

/** The claims as JSON; or a JWT with them, as the client is registered. */
export type UserInfo =
  | { readonly claims: Record<string, unknown> }
  | { readonly jwt: string };

/**
 * The claims about the user that a client may know, as they are at this moment. Nothing is cached.
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
  return await clientStep(deps, { origin }, async (tx) => {
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
    const asked = { userinfo: token.claims ?? grant.value.claims.userinfo, idToken: [] };
    const { userinfo } = grantableClaims(asked, registeredOwnScope(client));
    const claims = {
      ...claimsFor(client, live.user, provider, { scope, names: userinfo }),
      sub: live.token.subject,
    };
    const isPlain = client.userinfoSignedResponseAlg === null &&
      client.userinfoEncryptedResponseAlg === null;
    if (isPlain) return { claims };
    const { protectedUserInfo } = await import("./protected_userinfo.ts"); // few clients want it
    return { jwt: await protectedUserInfo(deps, tx, { client, provider, claims }) };
  });
}
