import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { argon2id } from "hash-wasm";
import type { Argon2 } from "../../../src/authn/passwords/argon2.ts";
import { workerArgon2 } from "../../../src/authn/passwords/argon2_workers.ts";
import {
  bestArgon2,
  inlineArgon2,
  knownHash,
  nativeArgon2,
} from "../../../src/authn/passwords/best_argon2.ts";
import { passwordHasher } from "../../../src/authn/passwords/hasher.ts";
import { parsePhc } from "../../../src/authn/passwords/phc.ts";
import { toBase64url, utf8 } from "../../../src/crypto/encoding.ts";
import { systemRandom } from "../../../src/crypto/random.ts";

const cheap = { memoryKiB: 8, iterations: 1 };
const input = {
  password: utf8("correct horse"),
  salt: new Uint8Array(16).fill(9),
  memoryKiB: 64,
  iterations: 3,
  parallelism: 2,
  hashLength: 32,
};
const bytesOfZero = "AAAAAAAAAAAAAAAAAAAAAA";

Deno.test("a password verifies against its own hash, another one does not", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  const encoded = await hasher.hash("correct horse");
  assert(await hasher.verify("correct horse", encoded));
  assertFalse(await hasher.verify("correct horsf", encoded));
  assertFalse(await hasher.verify("", encoded));
});

Deno.test("a password gets a different hash each time", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  assertNotEquals(await hasher.hash("correct horse"), await hasher.hash("correct horse"));
});

Deno.test("a password verifies however its accents were typed", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  assert(await hasher.verify("cafe\u0301", await hasher.hash("caf\u00e9")));
});

Deno.test("by default a hash takes 19 MiB and two iterations", async () => {
  using hasher = passwordHasher(systemRandom);
  const encoded = await hasher.hash("correct horse");
  assert(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/.test(encoded));
  assert(await hasher.verify("correct horse", encoded));
  assertFalse(hasher.needsRehash(encoded));
});

Deno.test("an empty password is never hashed", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  await assertRejects(() => hasher.hash(""), RangeError);
});

Deno.test("a hash that another implementation made is verified with its own parameters", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  const encoded = await argon2id({
    password: "correct horse",
    salt: new Uint8Array(24).fill(0xfb),
    iterations: 3,
    memorySize: 64,
    parallelism: 2,
    hashLength: 40,
    outputType: "encoded",
  });
  assert(await hasher.verify("correct horse", encoded));
  assertFalse(await hasher.verify("wrong", encoded));
  assert(hasher.needsRehash(encoded));
});

Deno.test("a hash is written as hash-wasm writes it", async () => {
  const ones = { bytes: (length: number) => new Uint8Array(length).fill(0xff) };
  using hasher = passwordHasher(ones, cheap);
  const expected = await argon2id({
    password: "correct horse",
    salt: ones.bytes(16),
    iterations: 1,
    memorySize: 8,
    parallelism: 1,
    hashLength: 32,
    outputType: "encoded",
  });
  assertEquals(await hasher.hash("correct horse"), expected);
});

Deno.test("a hash with other parameters needs a rehash", async () => {
  using weak = passwordHasher(systemRandom, cheap);
  using strong = passwordHasher(systemRandom, { memoryKiB: 16, iterations: 1 });
  const encoded = await weak.hash("correct horse");
  assert(strong.needsRehash(encoded));
  assertFalse(weak.needsRehash(encoded));
});

Deno.test("the decoy never matches, and takes the same work as a real hash", async () => {
  const work: unknown[] = [];
  const counting: Argon2 = {
    compute: ({ password: _, salt: __, ...cost }) => {
      work.push(cost);
      return Promise.resolve(new Uint8Array(32));
    },
    close() {},
  };
  using hasher = passwordHasher(systemRandom, { argon2: () => Promise.resolve(counting) });
  const encoded = await hasher.hash("correct horse");
  await hasher.verify("correct horse", encoded);
  assertFalse(await hasher.verifyDecoy("correct horse"));
  assertEquals(work.length, 3);
  assertEquals(work[1], work[0]);
  assertEquals(work[2], work[0]);
});

Deno.test("a malformed hash, or one with too much work, is refused and not quoted", () => {
  const hash = "0123456789abcdefABCDEF";
  for (
    const encoded of [
      "",
      "correct horse",
      `$argon2i$v=19$m=8,t=1,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=16$m=8,t=1,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$m=8,t=1,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$t=1,m=8,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=08,t=1,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=1048577,t=1,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=8,t=11,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=64,t=1,p=5$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=15,t=1,p=2$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=8,t=0,p=1$${bytesOfZero}$${hash}`,
      `$argon2id$v=19$m=8,t=1,p=1$$${hash}`,
      `$argon2id$v=19$m=8,t=1,p=1$${bytesOfZero}$`,
      `$argon2id$v=19$m=8,t=1,p=1$${bytesOfZero}$AAAA`,
      `$argon2id$v=19$m=8,t=1,p=1$AAAA$${hash}`,
      `$argon2id$v=19$m=8,t=1,p=1$${bytesOfZero}$${hash}==`,
      `$argon2id$v=19$m=8,t=1,p=1$${bytesOfZero}$${hash}\n`,
      `$argon2id$v=19$m=8,t=1,p=1$${bytesOfZero}$-_23456789abcdefABCDEQ`,
    ]
  ) {
    const error = assertThrows(() => parsePhc(encoded), Error);
    assert(encoded === "" || !error.message.includes(encoded), encoded);
  }
});

for (
  const { of, concurrency, expected } of [
    { of: "a few", concurrency: 3, expected: 3 },
    { of: "one fewer than processors", expected: Math.max(1, navigator.hardwareConcurrency - 1) },
  ]
) {
  Deno.test(`a flood of sign-ins is hashed ${of} at a time, and all get an answer`, async () => {
    let running = 0;
    let most = 0;
    const slow: Argon2 = {
      async compute() {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (--running === 0) throw new Error("one fails");
        return new Uint8Array(32);
      },
      close() {},
    };
    using hasher = passwordHasher(systemRandom, {
      ...(concurrency === undefined ? {} : { concurrency }),
      argon2: () => Promise.resolve(slow),
    });
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, () => hasher.verifyDecoy("correct horse")),
    );
    assertEquals(all.length, 50);
    assertEquals(most, expected);
  });
}

Deno.test("nothing is started before the first hash", async () => {
  let started = 0;
  const argon2 = () => {
    started++;
    return Promise.resolve(inlineArgon2());
  };
  using hasher = passwordHasher(systemRandom, { ...cheap, argon2 });
  assertEquals(started, 0);
  await Promise.all([hasher.hash("one"), hasher.hash("two")]);
  assertEquals(started, 1);
});

Deno.test("every implementation of argon2id gives the same hash", async () => {
  const expected = toBase64url(await inlineArgon2().compute(input));
  const workers = await workerArgon2();
  assert(workers !== null);
  assertEquals(toBase64url(await workers.compute(input)), expected);
  workers.close();

  const native = await nativeArgon2();
  if (native !== null) assertEquals(toBase64url(await native.compute(input)), expected);

  const best = await bestArgon2();
  assertEquals(toBase64url(await best.compute(input)), expected);
  best.close();
});

Deno.test("WebCrypto's argon2id is used wherever the runtime has it", async () => {
  // A wrong constant in its check would switch it off for good, and nobody would notice.
  assertEquals(toBase64url(await inlineArgon2().compute(knownHash.input)), knownHash.hash);

  const { promise: runtimeHasIt, resolve } = Promise.withResolvers<boolean>();
  const format = "raw-secret" as KeyFormat; // older runtimes and types do not know it
  crypto.subtle.importKey(format as "raw", new Uint8Array(1), "Argon2id", false, ["deriveBits"])
    .then(() => resolve(true), () => resolve(false));
  assertEquals(await nativeArgon2() !== null, await runtimeHasIt);
});

Deno.test("workers share a burst, and closing them rejects the calls in progress", async () => {
  const workers = await workerArgon2();
  assert(workers !== null);
  const burst = await Promise.all(Array.from({ length: 8 }, () => workers.compute(input)));
  assertEquals(new Set(burst.map(toBase64url)).size, 1);

  const underWay = workers.compute({ ...input, memoryKiB: 65_536 });
  workers.close();
  await assertRejects(() => underWay, Error, "closed");
  await assertRejects(() => workers.compute(input), Error, "closed");
});

Deno.test("a wrong parameter fails its own call and does not end the worker", async () => {
  const workers = await workerArgon2();
  assert(workers !== null);
  await assertRejects(() => workers.compute({ ...input, iterations: 0 }), Error, "argon2id failed");
  assertEquals((await workers.compute(input)).length, 32);
  workers.close();
});

Deno.test("a worker that crashes rejects its calls, and the next call gets a new worker", async () => {
  // The first job kills it; the calls are told, and nothing hangs or ends the process.
  const workers = await workerArgon2(
    aScript(`postMessage({ kind: "ready" }); onmessage = () => { throw new Error("boom"); };`),
  );
  assert(workers !== null);
  await assertRejects(() => workers.compute(input), Error, "crashed");
  await assertRejects(() => workers.compute(input), Error, "crashed");
  workers.close();
});

Deno.test("a worker that cannot be started is not used", async () => {
  assertEquals(await workerArgon2(aScript(`throw new Error("not here");`)), null);
});

function aScript(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
