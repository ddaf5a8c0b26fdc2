import * as accessTokens from "../../stores/access_tokens.ts";
import type { AccessToken } from "../../stores/access_tokens.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import * as idempotencyKeys from "../../stores/idempotency_keys.ts";
import * as providers from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { meets } from "../protocol/acr.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { accessTokenAddress } from "../tokens/access_token.ts";
import { proofRefs } from "../tokens/dpop.ts";
import { type LiveAccessToken, liveAccessToken } from "../issuing/live_access_token.ts";
import { assertPossession, verifiedPresentation } from "../tokens/possession.ts";
import type { AdminRequest } from "./admin_request.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";

/** Who calls, as audit events name them: `person:ID` or `client:ID`. */
export interface Caller {
  readonly actor: string;
  readonly clientId: string;
}

/**
 * Runs a step in the name of who calls. It is committed on the condition that they may still call:
 * who is suspended at that moment is not served any more.
 *
 * @param along reads more, in the same round trip as the last records of the caller
 */
export type AdministratorStep = <T>(
  work: (tx: Transaction, caller: Caller) => T | Promise<T>,
  along?: (tx: Transaction) => Promise<unknown>,
) => Promise<T>;

/** Runs the one step of a request. @throws as `administratorSteps` does */
export async function asAdministrator<T>(
  deps: Deps,
  request: AdminRequest,
  work: (tx: Transaction, caller: Caller) => T | Promise<T>,
  along?: (tx: Transaction) => Promise<unknown>,
): Promise<T> {
  const step = await administratorSteps(deps, request);
  return await step(work, along);
}

/**
 * The steps of a request that needs more than one. Its proof of possession is spent in the first.
 *
 * @throws {OAuthError} `invalid_token` if the token is not good, or for another resource, or bound to
 *   another key; `insufficient_scope` if it does not open the admin API, or not any more;
 *   `insufficient_user_authentication` if the person's sign-in is too weak or too long ago for it
 * @see RFC 6750 section 3.1, RFC 9449 section 7, RFC 9470 section 3
 */
export async function administratorSteps(
  deps: Deps,
  request: AdminRequest,
): Promise<AdministratorStep> {
  const proof = await verifiedPresentation(deps, request);
  const address = await accessTokenAddress(request.accessToken);
  if (address === null) throw notGood();
  let isProofSpent = false;

  return async (work, along) => {
    const result = await deps.kv.step(request.origin, async (tx) => {
      const tokenRef = accessTokens.ref(address.digest);
      const first = await providers.read(tx, {
        grant: grants.ref(address.grantId),
      }, [tokenRef]);
      // With its check there would be ten. Only its own client ends a token alone.
      const { token } = await tx.peek({ token: tokenRef }, "ended_by_holder");
      const { grant } = first;
      if (token.value === null || grant.value === null) throw notGood();
      assertForAdminApi(deps, token.value);

      const caller = callerOf(token.value, grant.value);
      const { provider } = first;
      const also = [
        ...await proofRefs({ proof, credentials: caller }),
        ...await idempotencyRefs(request, caller),
      ];
      const [live] = await Promise.all([
        liveAccessToken(deps, tx, { token, grant, provider }, also),
        along?.(tx),
      ]);
      if (live === null) throw notGood();
      if (!isProofSpent) await assertPossession(tx, live.token, proof);
      assertAdministrator(live);
      assertSignedInWellEnough(deps, tx, live);
      const acting = { ...tx, origin: { ...tx.origin, actor: caller.actor } };
      return await work(acting, caller);
    });
    isProofSpent = true;
    return result;
  };
}

function assertForAdminApi(deps: Deps, { resources, scope }: AccessToken) {
  // For this API alone: whoever else such a token is shown to could use it here (RFC 9700 section 2.3).
  if (resources.length !== 1 || resources[0] !== adminResource(deps.config)) {
    throw new OAuthError("invalid_token", "the access token is for another resource");
  }
  if (!scope.includes(adminScope)) throw insufficient(`the access token lacks ${adminScope}`);
}

/** The records of this moment decide, not those of when the token was issued. */
function assertAdministrator({ client, user }: LiveAccessToken) {
  if (!client.scope.includes(adminScope)) {
    throw insufficient(`the client is not registered for ${adminScope} any more`);
  }
  if (user !== null && !user.value.administrator) {
    throw insufficient("the person is not an administrator any more");
  }
}

/** Of a person; a client that acts for itself has not signed in at all. */
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

async function idempotencyRefs({ idempotencyKey }: AdminRequest, caller: Caller) {
  return idempotencyKey === null ? [] : [await idempotencyKeyRef(caller, idempotencyKey)];
}

/** Of a key as this caller uses it: a person's by way of one client is not theirs by another. */
export function idempotencyKeyRef({ actor, clientId }: Caller, key: string) {
  return idempotencyKeys.ref(JSON.stringify([actor, clientId]), key);
}

function notGood(): OAuthError {
  return new OAuthError("invalid_token", "the access token is unknown, expired or revoked");
}

function insufficient(description: string): OAuthError {
  return new OAuthError("insufficient_scope", description);
}
