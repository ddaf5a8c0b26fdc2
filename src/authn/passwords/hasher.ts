import { later } from "../../deps/later.ts";
import type { PasswordHasher } from "../../deps/password_hasher.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { toBase64url, utf8 } from "../../crypto/encoding.ts";
import type { RandomSource } from "../../crypto/random.ts";
import type { Argon2 } from "./argon2.ts";
import { bestArgon2 } from "./best_argon2.ts";
import { comparable } from "./comparable.ts";
import { hashQueue } from "./hash_queue.ts";
import { type Argon2idHash, encodePhc, parsePhc } from "./phc.ts";

export interface PasswordHasherOptions {
  /** Only tests use less than the default. */
  readonly memoryKiB?: number;
  /** Only tests use less than the default. */
  readonly iterations?: number;
  /** The number of hashes that are computed at the same time. Default: one fewer than processors. */
  readonly concurrency?: number;
  /** Another implementation of argon2id than the runtime's best. */
  readonly argon2?: () => Promise<Argon2>;
}

/**
 * A password hasher that loads and starts nothing before its first use. Its worker threads, if it has
 * any, keep the process alive until `close`.
 *
 * The default parameters are OWASP's: 19 MiB, two iterations, one lane.
 *
 * @see RFC 9106 section 4
 */
export function passwordHasher(
  random: RandomSource,
  options: PasswordHasherOptions = {},
): PasswordHasher & Disposable & { close(): void } {
  const cost = {
    memoryKiB: options.memoryKiB ?? 19_456,
    iterations: options.iterations ?? 2,
    parallelism: 1,
  };
  const decoy = { ...cost, salt: new Uint8Array(saltLength), hash: new Uint8Array(hashLength) };
  const argon2 = later(options.argon2 ?? bestArgon2);
  const inTurn = hashQueue({
    // One processor is left to those who sign in otherwise or not at all, and each hash takes 19 MiB.
    concurrency: options.concurrency ?? Math.max(1, navigator.hardwareConcurrency - 1),
    longest: 64 * navigator.hardwareConcurrency,
  });

  function compute(known: boolean, password: string, { salt, hash, ...work }: Argon2idHash) {
    const input = {
      password: utf8(password),
      salt,
      ...work,
      hashLength: hash.length,
    };
    return inTurn(known, () => argon2.use((one) => one.compute(input)));
  }

  async function matches(
    known: boolean,
    password: string,
    expected: Argon2idHash,
  ): Promise<boolean> {
    // Not every implementation accepts an empty password, and nobody has one.
    if (password === "") return false;
    const hashed = toBase64url(expected.hash);
    const prepared = comparable(password);
    const computed = await compute(known, prepared, expected);
    if (constantTimeEqual(toBase64url(computed), hashed)) return true;
    // Releases up to 0.2 hashed the spaces that were typed. The decoy takes the second hash too.
    const typed = password.normalize("NFC");
    if (typed === prepared) return false;
    return constantTimeEqual(toBase64url(await compute(known, typed, expected)), hashed);
  }

  function close() {
    argon2.begun()?.then((started) => started.close(), () => {});
  }

  return {
    async hash(password) {
      if (password === "") throw new RangeError("a password must not be empty");
      const fresh = { ...decoy, salt: random.bytes(saltLength) };
      return encodePhc({ ...fresh, hash: await compute(true, comparable(password), fresh) });
    },
    verify: async (password, encoded, known = false) =>
      await matches(known, password, parsePhc(encoded)),
    async verifyDecoy(password, known = false) {
      await matches(known, password, decoy);
      return false;
    },
    needsRehash(encoded) {
      const { salt, hash, ...made } = parsePhc(encoded);
      return made.memoryKiB !== cost.memoryKiB || made.iterations !== cost.iterations ||
        made.parallelism !== cost.parallelism || salt.length < saltLength ||
        hash.length !== hashLength;
    },
    close,
    [Symbol.dispose]: close,
  };
}

// RFC 9106 section 4 recommends both.
const saltLength = 16;
const hashLength = 32;
