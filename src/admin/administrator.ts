import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import type { Ref } from "../../stores/engine/collection.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { meets } from "../protocol/acr.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { accessTokenAddress } from "../tokens/access_token.ts";
import { assertProofOfProfile, proofRefs } from "../tokens/dpop.ts";
import { type LiveAccessToken, liveAccessToken } from "../issuing/live_access_token.ts";
import {
  assertPossession,
  type TokenPresentation,
  verifiedPresentation,
} from "../tokens/possession.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";

/** The administrator or the client that acts. */
export interface Caller {
  /** As in audit events: `person:ID` or `client:ID`. */
  readonly actor: string;
  readonly clientId: string;
}

/** The access token of an administrator, and where it came from. */
export interface AdministratorToken extends TokenPresentation {
  readonly origin: Origin;
}

/**
 * Runs a step in the name of the caller. The commit checks that the caller may still act: a user who is
 * suspended at that moment changes nothing.
 *
 * @param prefetch reads more, in the same round trip as the last records of the caller
 */
export type AdministratorStep = <T>(
  work: (tx: Transaction, caller: Caller) => T | Promise<T>,
  prefetch?: (tx: Transaction) => Promise<unknown>,
) => Promise<T>;

/**
 * The steps that an access token allows. The first one spends the proof of possession.
 *
 * @param also more records of the caller, read in the same round trip as theirs
 * @throws {OAuthError} `invalid_token` if the token is invalid, for another resource, or bound to another
 *   key; `insufficient_scope` if it does not allow the admin API (any more);
 *   `insufficient_user_authentication` if the user's sign-in is too weak or too long ago
 * @see RFC 6750 section 3.1, RFC 9449 section 7, RFC 9470 section 3
 */
export async function administratorSteps(
  deps: Deps,
  request: AdministratorToken,
  also: (caller: Caller) => Promise<readonly Ref<unknown>[]>,
): Promise<AdministratorStep> {
  const possession = await verifiedPresentation(deps, request);
  const { proof } = possession;
  const address = accessTokenAddress(request.accessToken);
  if (address === null) throw notGood();
  let isProofSpent = false;

  return async (work, prefetch) => {
    const result = await deps.kv.step(request.origin, async (tx) => {
      const tokenRef = accessTokens.ref(address.digest);
      const first = await providers.read(tx, {
        grant: grants.ref(address.grantId),
      }, [tokenRef]);
      // Not checked: it would be the tenth check. Only its own client can end a token alone.
      const { token } = await tx.peek({ token: tokenRef }, "ended_by_holder");
      const grant = accessTokens.grantOf(token, first.grant);
      if (token.value === null || !grant || grant.value === null) throw notGood();
      assertForAdminApi(deps, token.value);

      const caller = callerOf(token.value, grant.value);
      const { provider } = first;
      const more = [...await proofRefs({ proof, credentials: caller }), ...await also(caller)];
      const [live] = await Promise.all([
        liveAccessToken(deps, tx, { token, grant, provider }, more),
        prefetch?.(tx),
      ]);
      if (live === null) throw notGood();
      assertProofOfProfile(live.client, proof);
      if (!isProofSpent) await assertPossession(tx, live.token, possession);
      assertAdministrator(live);
      assertSignedInWellEnough(deps, tx, live);
      const acting = { ...tx, origin: { ...tx.origin, actor: caller.actor } };
      return await work(acting, caller);
    });
    isProofSpent = true;
    return result;
  };
}

function assertForAdminApi(deps: Deps, { resources, scope, exchange }: AccessToken) {
  // The audit trail names one who acts, not one who acts for another.
  if (exchange !== null) throw notGood();
  // For this API alone: another resource server that receives the token could use it here (RFC 9700
  // section 2.3).
  if (resources.length !== 1 || resources[0] !== adminResource(deps.config)) {
    throw new OAuthError("invalid_token", "the access token is for another resource");
  }
  if (!scope.includes(adminScope)) throw insufficient(`the access token lacks ${adminScope}`);
}

/** The current records decide, not those of the moment when the token was issued. */
function assertAdministrator({ client, user }: LiveAccessToken) {
  if (!client.scope.includes(adminScope)) {
    throw insufficient(`the client is not registered for ${adminScope} any more`);
  }
  if (user !== null && !user.value.administrator) {
    throw insufficient("the user is not an administrator any more");
  }
}

/** Checks the sign-in of a user. A client that acts for itself has none. */
function assertSignedInWellEnough(
  { config: { admin } }: Deps,
  { now }: Transaction,
  { grant, user }: LiveAccessToken,
) {
  if (user === null) return;
  const { acr, authTime } = grant.value;
  if (admin.acr !== null && !meets(acr ?? "", admin.acr)) {
    throw new OAuthError("insufficient_user_authentication", "a stronger sign-in is needed");
  }
  if (admin.maxAge !== null && now - (authTime ?? 0) >= admin.maxAge) {
    throw new OAuthError("insufficient_user_authentication", "a more recent sign-in is needed");
  }
}

function callerOf({ clientId }: AccessToken, { userId }: Grant): Caller {
  return { actor: userId === null ? `client:${clientId}` : `person:${userId}`, clientId };
}

function notGood(): OAuthError {
  return new OAuthError("invalid_token", "the access token is unknown, expired or revoked");
}

function insufficient(description: string): OAuthError {
  return new OAuthError("insufficient_scope", description);
}
