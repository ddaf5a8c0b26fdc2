import type { User } from "../../../stores/users.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { digest } from "../../crypto/digest.ts";
import { readTypedCode } from "../../identifiers/typed_code.ts";
import type { RandomSource } from "../../crypto/random.ts";

/** The number of codes that are created together. */
export const recoveryCodeCount = 10;

// Crockford's base32: without i, l, o and u, which are mistaken for other characters.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const groups = 6;
const groupLength = 4;

/**
 * New codes in the displayed form, `k0fm-2xqp-7rt0-4hn9-w3zc-8m5e`: 120 random bits each. With 112 bits
 * or more a fast digest is enough: a reader of the store cannot try them all (ASVS 5.0 6.5.3).
 */
export function newRecoveryCodes(random: RandomSource): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const characters = [...random.bytes(groups * groupLength)]
      .map((byte) => alphabet[byte % alphabet.length]).join("");
    return characters.match(/.{4}/g)?.join("-") ?? characters;
  });
}

/**
 * Reads a typed code; null if it is not one. Upper case, spaces, missing hyphens and characters that
 * look alike are accepted. Codes of earlier releases have 15 characters and are valid until they are
 * replaced.
 */
export function parseRecoveryCode(typed: string): string | null {
  const code = readTypedCode(typed).toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return /^[0-9a-hjkmnp-tv-z]{24}$|^[0-9a-hjkmnp-tv-z]{15}$/.test(code) ? code : null;
}

/**
 * The stored digest of a code. It covers the user's id, so that nobody can try one guess against the
 * codes of all users at once.
 */
export async function recoveryCodeDigest(userId: string, code: string): Promise<string> {
  return await digest(`recovery_code.${userId}.${parseRecoveryCode(code)}`);
}

/** The digests that are left after a code was used; null if it is not one of the user's codes. */
export function withoutRecoveryCode(
  { recoveryCodes }: User,
  used: string,
): readonly string[] | null {
  const digests = recoveryCodes?.digests ?? [];
  const left = digests.filter((digest) => !constantTimeEqual(digest, used));
  return left.length < digests.length ? left : null;
}

/** The number of a user's codes that are left. */
export function recoveryCodesLeft({ recoveryCodes }: User): number {
  return recoveryCodes?.digests.length ?? 0;
}
