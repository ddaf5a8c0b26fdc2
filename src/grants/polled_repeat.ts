import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Polled } from "../../stores/polled.ts";
import type { KeptAnswer } from "../../stores/redeemable.ts";
import { refreshGracePeriod } from "../clients/profile.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digestNow } from "../crypto/digest.ts";
import { openWith, sealFor } from "../crypto/response_sealing.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import type { Binding } from "../tokens/confirmation.ts";

/** What makes two polls for one secret the same. The client and PKCE were compared already. */
interface Poll {
  readonly secret: string;
  readonly binding: Binding;
  readonly resource: readonly string[];
  readonly authorization_details?: string | undefined;
}

/**
 * The answer that a poll got before, if the same poll comes again soon: two polls were under way at once, or
 * the client lost the answer and polls again, as RFC 8628 section 3.5 wants. Null for another request, or if
 * it is too late. Nothing new is issued.
 */
export function repeatedAnswer(
  tx: Transaction,
  { value: { kept, undelivered } }: Present<Polled>,
  poll: Poll,
): TokenResponse | null {
  if (kept === null) return null;
  // An answer that was lost at first may have been delivered to a repeat since: no other one beside it.
  if (kept.expiresAt <= tx.now && !undelivered) return null;
  if (!constantTimeEqual(kept.requestDigest, requestDigest(poll))) return null;
  return JSON.parse(openWith(poll.secret, kept.sealedResponse));
}

/**
 * An answer for the polls that repeat the one that got it; null: the client's metadata allows no repeats. It
 * is sealed with a key derived from the secret that the client polls with, which is not stored.
 */
export function keptAnswer(
  tx: Transaction,
  client: AuthenticatedClient,
  asked: Present<Polled>,
  poll: Poll,
  response: TokenResponse,
): KeptAnswer | null {
  if (refreshGracePeriod(client) === 0) return null;
  return {
    requestDigest: requestDigest(poll),
    sealedResponse: sealFor(tx.random, poll.secret, JSON.stringify(response)),
    repeated: false,
    expiresAt: repeatableUntil(tx, client, asked),
  };
}

/**
 * Epoch seconds until which an answer that is given now may be repeated. A client that lost it waits for the
 * interval before it polls again, so that is added to its grace period.
 */
export function repeatableUntil(
  tx: Transaction,
  client: AuthenticatedClient,
  { value: { interval } }: Present<Polled>,
): number {
  return tx.now + refreshGracePeriod(client) + interval;
}

function requestDigest({ binding, resource, authorization_details: details }: Poll): string {
  const { jkt = null, "x5t#S256": certificate = null } = binding.confirmation ?? {};
  return digestNow(JSON.stringify([[...resource].sort(), details ?? null, jkt, certificate]));
}
