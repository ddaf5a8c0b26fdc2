import type { Present } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Caller } from "../callers/caller.ts";
import { refreshGracePeriod } from "../clients/profile.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { openWith, sealFor } from "../crypto/response_sealing.ts";
import { type Binding, confirms } from "../tokens/confirmation.ts";
import type { RefreshToken } from "../tokens/refresh_token.ts";
import type { TokenResponse } from "./token_response.ts";

/** The parameters of a refresh. */
interface RefreshParameters {
  readonly refresh_token: string;
  readonly scope?: readonly string[] | undefined;
  readonly resource: readonly string[];
  readonly authorization_details?: string | undefined;
  readonly device_secret?: string | undefined;
}

/**
 * The answer that a refresh got before, if the same request comes again within the client's grace
 * period. Null for another request or another token, or if it is too late. Nothing new is issued. So a
 * thief who repeats the request gets only what the client has, and the thief's next use is detected.
 */
export async function repeatedResponse(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  binding: Binding,
  params: RefreshParameters,
): Promise<TokenResponse | null> {
  const { grace, presented, undelivered } = family.value;
  if (grace === null || token.generation !== presented) return null;
  // An answer that was lost at first may have been delivered to a repeat since. With a second answer
  // beside it, the client that has the first one would look like a thief.
  if (grace.expiresAt <= tx.now && !undelivered) return null;
  if (!constantTimeEqual(grace.requestDigest, await requestDigest(binding, params))) return null;
  return JSON.parse(await openWith(params.refresh_token, grace.sealedResponse));
}

/**
 * Whether a replaced token may be presented once more. A client may ask for tokens of several resources
 * or scopes at the same moment, with one refresh token. Each request gets an access token for what it
 * asks, and the newest refresh token, which is not replaced again. A proof must be of the same key.
 */
export function isWithinGrace(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  caller: Caller,
): boolean {
  const { grace, presented } = family.value;
  if (grace === null || token.generation !== presented || grace.expiresAt <= tx.now) return false;
  return confirms(caller, grace.confirmation);
}

/** Keeps an answer for repeats if the client's metadata allows them; otherwise null. */
export async function sealedForRepeats(
  tx: Transaction,
  { client, binding }: { readonly client: Client; readonly binding: Binding },
  params: RefreshParameters,
  response: TokenResponse,
): Promise<RefreshTokenFamily["grace"]> {
  const period = refreshGracePeriod(client);
  if (period === 0) return null;
  return {
    requestDigest: await requestDigest(binding, params),
    confirmation: binding.confirmation,
    sealedResponse: await sealFor(tx.random, params.refresh_token, JSON.stringify(response)),
    expiresAt: tx.now + period,
  };
}

/**
 * Two requests are the same if these values are equal. The client was compared already, by its family.
 */
function requestDigest(
  { confirmation }: Binding,
  { scope, resource, authorization_details: details, device_secret: secret }: RefreshParameters,
): Promise<string> {
  const { jkt = null, "x5t#S256": certificate } = confirmation ?? {};
  const keys = certificate === undefined ? [jkt] : [jkt, certificate];
  const asked = [[...(scope ?? [])].sort(), [...resource].sort(), ...keys];
  const others = { details, secret }; // in JSON those that are undefined are left out
  const hasOthers = details !== undefined || secret !== undefined;
  return digest(JSON.stringify(hasOthers ? [...asked, others] : asked));
}
