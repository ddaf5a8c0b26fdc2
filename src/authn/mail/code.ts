import { readTypedCode } from "../../identifiers/typed_code.ts";

/**
 * No vowels, so no words, and no digits, so nothing looks like something else.
 *
 * @see RFC 8628 section 6.1, which has this alphabet and length for codes that are typed
 */
const alphabet = "BCDFGHJKLMNPQRSTVWXZ";
const length = 8;
const base = BigInt(alphabet.length);

/**
 * A code to type, of random bytes. With 16 of them some codes are likelier than others by less than
 * one in 10^27.
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

/** A code as people read it: `WDJB-MJHT`. */
export function formatCode(code: string): string {
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;
}

/** A code as it was typed: case and whatever stands between the letters do not matter. Null: it is none. */
export function parseCode(typed: string): string | null {
  const code = readTypedCode(typed).toUpperCase();
  return code.length === length && [...code].every((letter) => alphabet.includes(letter))
    ? code
    : null;
}
