import type { RandomSource } from "../../crypto/random.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";

/**
 * The parameters that every authenticator app supports. @see RFC 6238 section 1.2, Key URI Format
 * (SHA1, 6, 30)
 */
const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;

/**
 * The number of time steps before and after now whose codes are accepted, because clocks differ. @see
 * RFC 6238 section 5.2
 */
const window = 1;

/** A new key for an authenticator app, in base32: 160 bits. @see RFC 4226 section 4 (R6) */
export async function newTotpSecret(random: RandomSource): Promise<string> {
  const { Secret } = await import("otpauth");
  return new Secret({ buffer: random.bytes(20).buffer }).base32;
}

/** The content of the QR code. @param issuer the name in the app's list */
export async function totpUri(
  { secret, issuer, username }: {
    readonly secret: string;
    readonly issuer: string;
    readonly username: string;
  },
): Promise<string> {
  const { TOTP } = await import("otpauth");
  return new TOTP({ ...parameters, secret, issuer, label: username }).toString();
}

/** Whether a text has the form of such a code. */
export function isTotpCode(code: string): boolean {
  return /^[0-9]{6}$/.test(code);
}

/**
 * The time step of a code: now, or one step before or after. All three are compared in constant time.
 *
 * @param now epoch seconds
 * @param after the step of the last accepted code: that step and earlier ones are not accepted
 * @returns null if the code belongs to none of them
 * @see RFC 6238 section 5.2 (a code is accepted once)
 */
export async function stepOfTotpCode(
  code: string,
  { secret, now, after }: {
    readonly secret: string;
    readonly now: number;
    readonly after: number;
  },
): Promise<number | null> {
  const { Secret, TOTP } = await import("otpauth");
  const key = Secret.fromBase32(secret);
  const current = Math.floor(now / parameters.period);
  let found: number | null = null;
  for (let step = current - window; step <= current + window; step++) {
    const timestamp = step * parameters.period * 1000;
    const expected = TOTP.generate({ ...parameters, secret: key, timestamp });
    if (constantTimeEqual(expected, code) && step > after) found = step;
  }
  return found;
}
