import type { User } from "../../../stores/users.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { digest } from "../../crypto/digest.ts";
import { readTypedCode } from "../../identifiers/typed_code.ts";
import type { RandomSource } from "../../crypto/random.ts";

/** How many are made at a time. */
export const recoveryCodeCount = 10;

// Crockford's base32: no i, l, o or u, which are taken for other characters.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const groups = 6;
const groupLength = 4;

/**
 * Fresh codes as they are shown, `k0fm-2xqp-7rt0-4hn9-w3zc-8m5e`: 120 random bits each. With 112 or more a
 * fast digest is enough: nobody who reads the store tries them all (ASVS 5.0 6.5.3).
 */
export function newRecoveryCodes(random: RandomSource): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const characters = [...random.bytes(groups * groupLength)]
      .map((byte) => alphabet[byte % alphabet.length]).join("");
    return characters.match(/.{4}/g)?.join("-") ?? characters;
  });
}

/**
 * A code as it was typed, in the form in which codes are made; null if it can be none. Upper case,
 * spaces, missing hyphens and characters that look alike are no mistakes. Codes of earlier releases have 15
 * characters, and are good until they are replaced.
 */
export function parseRecoveryCode(typed: string): string | null {
  const code = readTypedCode(typed).toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return /^[0-9a-hjkmnp-tv-z]{24}$|^[0-9a-hjkmnp-tv-z]{15}$/.test(code) ? code : null;
}

/**
 * What is stored of a code. With the person's id, so that nobody can try one guess against the codes
 * of all people at once.
 */
export async function recoveryCodeDigest(userId: string, code: string): Promise<string> {
  return await digest(`recovery_code.${userId}.${parseRecoveryCode(code)}`);
}

/** The digests that are left when a code was used; null if it is none of the person's. */
export function withoutRecoveryCode(
  { recoveryCodes }: User,
  used: string,
): readonly string[] | null {
  const digests = recoveryCodes?.digests ?? [];
  const left = digests.filter((digest) => !constantTimeEqual(digest, used));
  return left.length < digests.length ? left : null;
}

/** How many of a person's codes are left. */
export function recoveryCodesLeft({ recoveryCodes }: User): number {
  return recoveryCodes?.digests.length ?? 0;
}
