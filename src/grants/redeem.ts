import * as accessTokens from "../../stores/access_tokens.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { asFresh, consume, type Redeemable } from "../../stores/redeemable.ts";
import type { Entry, Fresh, Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import { type GrantType, tokenEvents } from "../../stores/grant_types.ts";
import type { Provider } from "../../stores/provider.ts";
import { type Caller, renewRegistration, spendProofs } from "../callers/caller.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { grantedRefs, readGranted, type TokenScopeRequest } from "../grantable/audience.ts";
import { addFamily, issueTokens } from "../issuing/issue_tokens.ts";
import { toldSession } from "../issuing/live_grant.ts";
import { readGrantUser } from "../issuing/grant_user.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { invalidGrant, OAuthError } from "../protocol/errors.ts";
import { sharesSignIn } from "../grantable/grantable.ts";
import type { Binding } from "../tokens/confirmation.ts";

/** What a client redeems. All of its bindings have been checked. */
export interface Redeemed<T extends Redeemable> {
  readonly caller: Caller;
  readonly binding: Binding;
  readonly entry: Present<T>;
  readonly grant: Entry<grants.Grant>;
  readonly provider: Provider;
  /** By the token request. */
  readonly asked: Pick<TokenScopeRequest, "resource" | "authorization_details">;
  /** What it is called in errors. */
  readonly name: string;
  readonly grantType: GrantType;
  /** For a client that shares the sign-in with others: the device secret that it sent. */
  readonly device?: { readonly presented: string | undefined };
}

/**
 * Redeems a code, or a request that a user has allowed, for the first tokens of its grant: once.
 *
 * @throws {OAuthError} `invalid_grant` if it is spent, which ends the grant, or if the grant has ended
 */
export async function redeem<T extends Redeemable>(
  deps: Deps,
  tx: Transaction,
  { caller, binding, entry, grant, provider, asked, name, grantType, device }: Redeemed<T>,
): Promise<TokenResponse> {
  const { client } = caller;
  // The second batch: the user, the grant's session and its resources.
  const told = toldSession(client, grant.value);
  const prefetch = [...grantedRefs(asked.resource, grant.value), ...told.refs];
  const user = await readGrantUser(deps, tx, client, grant, provider, prefetch);
  const unspent = spendable(tx, entry);
  if (unspent === null) {
    tx.assertSettled();
    grants.end(tx, grant, "code_replayed", user);
    return tx.refuse(invalidGrant(`${name} was used before`, "code_used"));
  }
  if (user === null || grant.value === null) {
    throw invalidGrant("what the person allowed has ended", "grant_ended");
  }
  await spendProofs(tx, caller);
  renewRegistration(deps, tx, caller);
  const { granted, audience } = await readGranted(deps, tx, client, grant.value, {
    resource: asked.resource,
    authorization_details: asked.authorization_details,
  });
  const family = addFamily(deps, tx, grant, { client, binding }, entry.value);
  const shared = device !== undefined && sharesSignIn(granted)
    ? await (await import("../issuing/device_secret.ts")).deviceSecretOf(tx, {
      ...{ client, grant: grant.value, user, provider },
      presented: device.presented,
    })
    : null;
  const { response, accessTokenDigest } = await issueTokens(deps, tx, {
    ...caller,
    binding,
    grant,
    user,
    provider,
    granted,
    audience,
    family,
    nonce: entry.value.nonce,
    dsHash: shared?.dsHash ?? null,
  });
  if (told.session !== null && response.id_token !== undefined) {
    // Loaded here: most clients are not told, and a server starts faster without it.
    const { noteSessionClient } = await import("../issuing/session_client.ts");
    await noteSessionClient(deps, tx, { session: told.session, client, user, provider });
  }
  consume(tx, unspent, accessTokenDigest, tx.now + deps.config.lifetimes.accessToken);
  auditEvents.append(tx, {
    type: tokenEvents[grantType],
    clientId: client.clientId,
    user,
    grantId: grants.idOf(grant),
    sessionId: grant.value.sessionId,
  });
  return shared === null ? response : { ...response, device_secret: shared.deviceSecret };
}

/**
 * The record as a spendable entry; null if it is spent. If its answer was never delivered because the store
 * failed at that moment, it can be used once more, and its first results are withdrawn.
 */
function spendable<T extends Redeemable>(tx: Transaction, entry: Present<T>): Fresh<T> | null {
  const unspent = asFresh(entry);
  const { spentBy } = entry.value;
  if (unspent !== null && spentBy !== null) accessTokens.endByDigest(tx, spentBy);
  return unspent;
}

/**
 * Checks the proof of PKCE: whoever redeems is the client that has asked.
 *
 * @param codeChallenge of the request; null: it had none
 * @throws {OAuthError} `invalid_grant`; `invalid_request` for a verifier without a challenge
 * @see RFC 7636 section 4.6
 */
export async function assertVerified(
  codeChallenge: string | null,
  codeVerifier: string | undefined,
): Promise<void> {
  if (codeChallenge === null) {
    // A code_verifier without a code_challenge means that an attacker removed the challenge from the
    // request (RFC 9700 section 4.8.2). The error is that of OAuth 2.1 draft-16 section 3.2.4.
    if (codeVerifier === undefined) return;
    throw new OAuthError(
      "invalid_request",
      "code_verifier was sent, but no code_challenge before it",
      { reason: "code_verifier_wrong" },
    );
  }
  if (codeVerifier === undefined) {
    throw invalidGrant("code_verifier is missing", "code_verifier_wrong");
  }
  if (!constantTimeEqual(await digest(codeVerifier), codeChallenge)) {
    throw invalidGrant("code_verifier does not fit the code_challenge", "code_verifier_wrong");
  }
}
