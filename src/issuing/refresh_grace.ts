import type { Present } from "../../stores/engine/collection.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Caller } from "../callers/caller.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { openWith, sealFor } from "../crypto/response_sealing.ts";
import { confirmationOf, confirms } from "../tokens/confirmation.ts";
import type { RefreshToken } from "../tokens/refresh_token.ts";
import type { TokenResponse } from "./token_response.ts";

/** What a refresh asks for. */
interface RefreshParameters {
  readonly refresh_token: string;
  readonly scope?: readonly string[] | undefined;
  readonly resource: readonly string[];
}

/**
 * The answer that a refresh had, for the same request within the client's grace period; null if this
 * is another request, another token, or too late. Nothing new is issued: a thief who repeats it gets
 * what the client has, and whose next use tells on them.
 */
export async function repeatedResponse(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  caller: Caller,
  params: RefreshParameters,
): Promise<TokenResponse | null> {
  const { grace, presented, undelivered } = family.value;
  if (grace === null || token.generation !== presented) return null;
  // An answer that reached nobody when it was made may have reached a repeat since: a second one beside
  // it would make a thief of whoever has the first.
  if (grace.expiresAt <= tx.now && !undelivered) return null;
  if (!constantTimeEqual(grace.requestDigest, await requestDigest(caller, params))) return null;
  return JSON.parse(await openWith(params.refresh_token, grace.sealedResponse));
}

/**
 * Whether a replaced token may be presented once more: a client asks for tokens of several resources, or
 * of several scopes, with one refresh token at one moment. It gets an access token for what it asks and
 * the newest refresh token, which is not replaced again. A proof must be of the same key.
 */
export function isWithinGrace(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  { proof }: Caller,
): boolean {
  const { grace, presented } = family.value;
  if (grace === null || token.generation !== presented || grace.expiresAt <= tx.now) return false;
  return confirms(proof, grace.confirmation);
}

/** Keeps an answer for repeats, where the client's metadata allows them; null where it does not. */
export async function sealedForRepeats(
  tx: Transaction,
  caller: Caller,
  params: RefreshParameters,
  response: TokenResponse,
): Promise<RefreshTokenFamily["grace"]> {
  const period = caller.client.refreshTokenGracePeriod;
  if (period === 0) return null;
  return {
    requestDigest: await requestDigest(caller, params),
    confirmation: confirmationOf(caller.proof),
    sealedResponse: await sealFor(tx.random, params.refresh_token, JSON.stringify(response)),
    expiresAt: tx.now + period,
  };
}

/** What makes two requests the same; the client was compared already, by its family. */
function requestDigest(
  { proof }: Caller,
  { scope, resource }: RefreshParameters,
): Promise<string> {
  const key = proof?.keyThumbprint ?? null;
  return digest(JSON.stringify([[...(scope ?? [])].sort(), [...resource].sort(), key]));
}
