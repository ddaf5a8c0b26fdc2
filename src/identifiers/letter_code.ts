import { readTypedCode } from "./typed_code.ts";

/**
 * No vowels, so that no words appear, and no digits, so that no characters look alike.
 *
 * @see RFC 8628 section 6.1, which has this alphabet and length for typed codes
 */
const alphabet = "BCDFGHJKLMNPQRSTVWXZ";
const length = 8;
const base = BigInt(alphabet.length);

/**
 * A code to type, made of random bytes. With 16 bytes, some codes are more probable than others by less
 * than one in 10^27.
 */
export function codeOf(bytes: Uint8Array): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let code = "";
  while (code.length < length) {
    code += alphabet.charAt(Number(number % base));
    number /= base;
  }
  return code;
}

/** A code in the form for users: `WDJB-MJHT`. */
export function formatCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;
}

/**
 * Reads a typed code. Case and the characters between the letters are ignored. Null: it is not a code.
 */
export function parseCode(typed: string): string | null {
  const code = readTypedCode(typed).toUpperCase();
  return code.length === length && [...code].every((letter) => alphabet.includes(letter))
    ? code
    : null;
}
