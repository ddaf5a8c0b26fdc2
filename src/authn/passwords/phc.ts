import { fromBase64url, toBase64url } from "../../crypto/encoding.ts";

/** An argon2id hash with the parameters to compute it again. */
export interface Argon2idHash {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

/** Writes a hash as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export function encodePhc({ memoryKiB, iterations, parallelism, salt, hash }: Argon2idHash) {
  const parameters = `m=${memoryKiB},t=${iterations},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${toBase64(salt)}$${toBase64(hash)}`;
}

/**
 * Reads a PHC string of argon2id version 19. Only the canonical form is accepted.
 *
 * @throws {Error} if it is malformed, or needs more than 1 GiB, 10 iterations or 4 lanes. The message
 *   never contains the string.
 */
export function parsePhc(encoded: string): Argon2idHash {
  const [, m, t, p, salt, hash] = form.exec(encoded) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new Error("a stored password hash is not an argon2id PHC string");
  }
  const [memoryKiB, iterations, parallelism] = [Number(m), Number(t), Number(p)];
  // A hash from a backup or an import decides how much work its check is. It must not be able to
  // overload the server.
  if (memoryKiB > 1024 * 1024 || iterations > 10 || parallelism > 4) {
    throw new Error("a stored password hash asks for more work than this server does");
  }
  if (memoryKiB < 8 * parallelism) {
    throw new Error("a stored password hash has too little memory for its lanes");
  }
  const bytes = { salt: fromBase64(salt), hash: fromBase64(hash) };
  // A hash of a few bytes would match many passwords (RFC 9106 section 3.1).
  if (bytes.salt.length < 8 || bytes.hash.length < 16) {
    throw new Error("a stored password hash or its salt is too short");
  }
  return { memoryKiB, iterations, parallelism, ...bytes };
}

const number = "([1-9][0-9]{0,9})";
const base64 = "([A-Za-z0-9+/]{1,128})";
const form = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${number},t=${number},p=${number}\\$${base64}\\$${base64}$`,
);

// The PHC format uses base64 without padding. Its alphabet differs from base64url in two characters.
function toBase64(bytes: Uint8Array): string {
  return toBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64url(text.replaceAll("+", "-").replaceAll("/", "_"));
}
