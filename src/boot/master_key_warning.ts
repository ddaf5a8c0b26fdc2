import { makeMasterKey } from "../config/environment.ts";

/** Of 32 random bytes, all but one in 10^13 keys have more different ones. */
const fewestDifferent = 16;

/**
 * A warning for an operator whose master key can be guessed; null: none. Somebody typed such a key, or repeated
 * one letter: everything that the store holds sealed could be opened. It is no error, because a server that
 * already runs with such a key must start to replace it.
 * @param key null: the server made its own
 */
export function masterKeyWarning(key: Uint8Array | null): string | null {
  if (key === null) return null;
  const isText = key.every((byte) => byte >= 0x20 && byte < 0x7f);
  if (!isText && new Set(key).size >= fewestDifferent) return null;
  return `the master key is not random and can be guessed: make another one with \`${makeMasterKey}\`, and \
rotate it`;
}
