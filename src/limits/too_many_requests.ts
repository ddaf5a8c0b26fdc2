import { OAuthError } from "../protocol/errors.ts";
import type { Quota, Reservation } from "./reservation.ts";

/**
 * The header fields that show a client how much of a limit is left.
 * @see draft-ietf-httpapi-ratelimit-headers-10 (RateLimit-Policy, RateLimit), RFC 9110 section 10.2.3
 */
export function rateLimitFields(
  { quotas, passed, retryAfter }: Reservation,
): Record<string, string> {
  const retry: Record<string, string> = passed ? {} : { "Retry-After": String(retryAfter) };
  if (quotas.length === 0) return retry;
  return {
    "RateLimit-Policy": quotas.map(policy).join(", "),
    "RateLimit": quotas.map(state).join(", "),
    ...retry,
  };
}

/**
 * Throws unless the reservation passed.
 * @throws {OAuthError} 429 with `temporarily_unavailable`, not `invalid_request`: the same request will
 *   succeed later, and the client has made no mistake.
 * @see RFC 6585 section 4
 */
export function assertPassed(reservation: Reservation) {
  if (!reservation.passed) throw tooManyRequests(reservation);
}

export function tooManyRequests(reservation: Reservation): OAuthError {
  return new OAuthError(
    "temporarily_unavailable",
    `too many requests: try again in ${reservation.retryAfter} seconds`,
    { status: 429, headers: rateLimitFields(reservation), reason: "rate_limited" },
  );
}

/** Whether a limit refused it. */
export function isRateLimited(error: unknown): error is OAuthError {
  return error instanceof OAuthError && error.reason === "rate_limited";
}

function policy({ name, limit }: Quota): string {
  return `"${name}";q=${limit.count};w=${limit.seconds}`;
}

function state({ name, remaining, reset }: Quota): string {
  return `"${name}";r=${remaining};t=${reset}`;
}
