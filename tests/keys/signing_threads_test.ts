import { assert, assertEquals } from "@std/assert";
import { createLocalJWKSet, jwtVerify } from "jose";
import { signingAside } from "../../src/boot/native_signing.ts";
import { rotateSigningKey } from "../../src/keys/key_rotation.ts";
import { signingThreads, type SigningThreadsOptions } from "../../src/keys/signing_threads.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { type SigningAlgorithm, usable } from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

function threads(options: Partial<SigningThreadsOptions> = {}) {
  const failures: string[] = [];
  const onFailed = ({ message }: Error) => void failures.push(message);
  const signing = signingThreads({ most: 2, onFailed, ...options });
  /** How many signatures came from a thread. */
  const counts = { aside: 0 };
  const counted = {
    ...signing,
    importKey: (...key: Parameters<typeof signing.importKey>) => {
      const imported = signing.importKey(...key);
      return {
        ...imported,
        async sign(data: Uint8Array<ArrayBuffer>) {
          const signature = await imported.sign(data);
          if (signature !== null) counts.aside++;
          return signature;
        },
      };
    },
  };
  return { signing: counted, counts, failures, [Symbol.dispose]: signing.close };
}

async function signed(provider: TestProvider, alg: SigningAlgorithm) {
  const { jwt } = await provider.deps.signer.sign(
    await provider.providerRecord(),
    alg,
    { sub: "ä \u{1f511}", long: "x".repeat(2000) },
  );
  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  await jwtVerify(jwt, createLocalJWKSet(jwks), { algorithms: [alg] });
}

async function many(provider: TestProvider, count: number) {
  await Promise.all(
    Array.from({ length: count }, (_, n) => signed(provider, n % 2 === 0 ? "RS256" : "ES256")),
  );
}

/** Signs until a thread has made a signature. */
async function warm(provider: TestProvider, counts: { readonly aside: number }) {
  while (counts.aside === 0) await many(provider, 2);
}

Deno.test("the published keys verify what threads sign, from the first signature on", async () => {
  using own = threads();
  await using provider = await aProvider({ nativeSigning: own.signing });
  await many(provider, 10);
  await warm(provider, own.counts);
  const before = own.counts.aside;
  await many(provider, 100);
  assertEquals(own.counts.aside - before, 100);
  await signed(provider, "EdDSA");
  assertEquals(own.counts.aside - before, 100, "EdDSA takes no time");
  provider.clock.advance(700);
  await rotateSigningKey(provider.deps, systemOrigin, "ES256");
  await many(provider, 10);
  assertEquals(own.counts.aside - before, 110, "threads sign with a new key");
  assertEquals(own.failures, []);
});

Deno.test("the published keys verify each kind of signature that threads make", async () => {
  // RSA keys take longest to make.
  const algorithms = usable(["RS512", "PS256", "ES256", "ES384", "ES512"] as const);
  using own = threads();
  await using provider = await aProvider({
    clients: algorithms.map((alg) => aClient(alg, { id_token_signed_response_alg: alg })),
    nativeSigning: own.signing,
  });
  await warm(provider, own.counts);
  for (const alg of algorithms) {
    const before = own.counts.aside;
    await signed(provider, alg);
    assertEquals(own.counts.aside - before, 1, alg);
  }
});

Deno.test("tokens are signed when threads cannot start, stop at work, or know no key", async () => {
  const broken = new URL("data:text/javascript,throw new Error('broken')");
  const mute = new URL(
    "data:text/javascript,postMessage({ kind: 'ready' });" +
      "onmessage = ({ data: { kind, id } }) =>" +
      " kind === 'sign' %26%26 postMessage({ kind: 'signed', id, signature: null });",
  );
  for (const script of [broken, mute]) {
    using own = threads({ script });
    await using provider = await aProvider({ nativeSigning: own.signing });
    for (let n = 0; n < 20; n++) await many(provider, 2);
    assertEquals(own.counts.aside, 0);
    assertEquals(own.failures.length, script === broken ? 1 : 0, own.failures.join());
  }
  using own = threads();
  await using provider = await aProvider({ nativeSigning: own.signing });
  await warm(provider, own.counts);
  const underWay = many(provider, 50);
  own[Symbol.dispose]();
  await underWay;
  await many(provider, 2);
});

Deno.test("a key that was freed signs nothing more, and the bytes of the caller stay its own", async () => {
  using own = threads();
  const pair = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const key = own.signing.importKey("ES256", pkcs8);
  pkcs8.fill(0); // as the signer does
  const data = new Uint8Array(100).fill(7);
  let signature: Uint8Array<ArrayBuffer> | null = null;
  while (signature === null) {
    const underWay = key.sign(data);
    data.fill(9);
    signature = await underWay;
    data.fill(7);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  assert(await crypto.subtle.verify(algorithm, pair.publicKey, signature, data));
  key.free();
  key.free();
  assertEquals(await key.sign(data), null);
});

Deno.test("threads sign only where a processor is left for them", async () => {
  for (const [processors, expected] of [[1, null], [2, true], [64, true]] as const) {
    using aside = await signingAside({ nativeCrypto: null }, silentLogger, processors);
    assertEquals(aside.signing?.isWebCrypto ?? null, expected);
  }
});
