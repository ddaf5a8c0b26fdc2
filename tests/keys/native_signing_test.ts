import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createPrivateKey } from "node:crypto";
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from "jose";
import { LibcryptoNotUsable, openLibcrypto } from "../../src/keys/libcrypto.ts";
import { verifiedNativeKey } from "../../src/keys/native_key.ts";
import { nativeAlgorithms, type NativeSigning } from "../../src/deps/native_signing.ts";
import { type SigningAlgorithm, usable } from "../../stores/provider.ts";
import { libcryptoPath } from "../support/libcrypto.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { anInstallation } from "../support/server_process.ts";
import { rotateSigningKey } from "../support/signing_keys.ts";
import { silentLogger } from "../support/silent_logger.ts";

if (libcryptoPath === null) {
  console.warn("LEFT OUT: this machine has no libcrypto.so.3, so native signing is not tested");
}

/** A test for machines with libcrypto. */
function test(name: string, run: (path: string) => Promise<void>) {
  Deno.test({
    name,
    ignore: libcryptoPath === null,
    sanitizeResources: false, // a library that was opened stays open, which Deno 2.5 calls a leak
    fn: () => run(libcryptoPath ?? ""),
  });
}

/** What became of the keys that were given to the library. */
function watched(signing: NativeSigning) {
  const counts = { imported: 0, signed: 0, freed: 0 };
  const native: NativeSigning = {
    ...signing,
    importKey(alg, pkcs8) {
      const key = signing.importKey(alg, pkcs8);
      counts.imported += 1;
      return {
        sign(data) {
          counts.signed += 1;
          return key.sign(data);
        },
        free() {
          counts.freed += 1;
          key.free();
        },
      };
    },
  };
  return { counts, native };
}

/** A provider whose warnings are kept. */
async function aWarningProvider(options: ProviderOptions) {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  return { provider: await aProvider({ ...options, logger }), warnings };
}

async function signed(provider: TestProvider, alg: SigningAlgorithm) {
  const { jwt, kid } = await provider.deps.signer.sign(
    await provider.providerRecord(),
    alg,
    { sub: "ä \u{1f511}", long: "x".repeat(2000) },
    "at+jwt",
  );
  const jwks = await (await provider.request("/.well-known/jwks.json")).json();
  const { payload } = await jwtVerify(jwt, createLocalJWKSet(jwks), { algorithms: [alg] });
  assertEquals(payload, { sub: "ä \u{1f511}", long: "x".repeat(2000) });
  assertEquals(decodeProtectedHeader(jwt), { alg, kid, typ: "at+jwt" });
  return jwt;
}

test("the published keys verify what libcrypto signs, in each of many signatures at once", async (path) => {
  const { counts, native } = watched(openLibcrypto(path));
  const { provider, warnings } = await aWarningProvider({ nativeSigning: native });
  await using _ = provider;
  await provider.deps.signer.load(await provider.providerRecord());
  const before = counts.signed;
  const all = await Promise.all(
    Array.from({ length: 150 }, (_, n) => signed(provider, n % 2 === 0 ? "RS256" : "ES256")),
  );
  assertEquals(new Set(all).size, 76, "RS256 is always the same, ES256 never");
  assertEquals([counts.imported, counts.signed - before], [2, 150]);
  await signed(provider, "EdDSA");
  assertEquals(counts.signed - before, 150, "WebCrypto signs EdDSA as fast");
  assertEquals(warnings, []);
});

test("WebCrypto verifies each algorithm that libcrypto signs, and takes none for another one", async (path) => {
  const native = openLibcrypto(path);
  const rsa = await generateKeyPair("RS256", { extractable: true });
  for (const alg of usable(nativeAlgorithms)) {
    const pair = alg.startsWith("ES") ? await generateKeyPair(alg, { extractable: true }) : rsa;
    const pkcs8 = new Uint8Array(
      createPrivateKey({ key: { ...await exportJWK(pair.privateKey) }, format: "jwk" })
        .export({ type: "pkcs8", format: "der" }),
    );
    const publicJwk = await exportJWK(pair.publicKey);
    for (let times = 0; times < 5; times++) {
      (await verifiedNativeKey(native, alg, pkcs8, publicJwk)).free();
    }
    const other = alg.startsWith("PS") ? `RS${alg.slice(2)}` : `PS${alg.slice(2)}`;
    const claims: NativeSigning = {
      ...native,
      importKey: (_, pkcs8) => native.importKey(other as typeof alg, pkcs8),
    };
    await assertRejects(() => verifiedNativeKey(claims, alg, pkcs8, publicJwk));
  }
});

test("a rotated key leaves the library's memory, and a signature under way is still made", async (path) => {
  const { counts, native } = watched(openLibcrypto(path));
  const { provider, warnings } = await aWarningProvider({ nativeSigning: native });
  await using _ = provider;
  provider.clock.advance(700);
  const before = await provider.providerRecord();
  await signed(provider, "ES256");
  await rotateSigningKey(provider.deps, "ES256");
  const underWay = Array.from(
    { length: 50 },
    () => provider.deps.signer.sign(before, "ES256", { sub: "old" }),
  );
  await signed(provider, "ES256");
  for (const { kid } of await Promise.all(underWay)) assertEquals(kid, before.activeKeys.ES256);
  assertEquals([counts.imported, counts.freed], [2, 1]);
  assertEquals(warnings, []);
});

test("a key that is freed ends its signatures under way rightly, and signs nothing more", async (path) => {
  // The first signs at once, the second on another thread.
  for (const [alg, curve, hash] of [["ES256", "P-256", 256], ["ES384", "P-384", 384]] as const) {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { name: "ECDSA", namedCurve: curve },
      true,
      ["sign", "verify"],
    );
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
    const key = openLibcrypto(path).importKey(alg, pkcs8);
    const data = new Uint8Array(10);
    const underWay = Array.from({ length: 20 }, () => key.sign(data));
    key.free();
    key.free();
    for (const signature of await Promise.all(underWay)) {
      const verifying = { name: "ECDSA", hash: `SHA-${hash}` };
      assert(signature && await crypto.subtle.verify(verifying, publicKey, signature, data));
    }
    assertEquals(await key.sign(data), null);
  }
});

test("a signature leaves the data that was signed as it is, and the caller may change it at once", async (path) => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const key = openLibcrypto(path).importKey("RS256", pkcs8);
  const data = new Uint8Array(2000).fill(7);
  const signature = await key.sign(data);
  assertEquals(data, new Uint8Array(2000).fill(7));
  const underWay = Array.from({ length: 50 }, () => key.sign(data));
  data.fill(9);
  for (const one of await Promise.all(underWay)) assertEquals(one, signature);
  data.fill(7);
  assert(signature !== null && await crypto.subtle.verify(rsa.name, publicKey, signature, data));
  key.free();
});

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

test("bytes that are not a private key are refused", (path) => {
  const native = openLibcrypto(path);
  for (const length of [0, 1, 100, 2000]) {
    assertThrows(
      () => native.importKey("RS256", crypto.getRandomValues(new Uint8Array(length))),
      LibcryptoNotUsable,
    );
  }
  return Promise.resolve();
});

const broken: Readonly<Record<string, NativeSigning>> = {
  "signs something else": signingWith((signature) => signature.fill(1)),
  "makes a signature of another length": signingWith((signature) => signature.subarray(1)),
  "fails to sign": signingWith(() => {
    throw new Error("no memory");
  }),
  "cannot read the key": {
    importKey() {
      throw new LibcryptoNotUsable("it cannot read a private key");
    },
  },
};

function signingWith(
  change: (signature: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): NativeSigning {
  return {
    importKey: (alg) => ({
      sign: () => Promise.resolve().then(() => change(new Uint8Array(alg === "RS256" ? 256 : 64))),
      free() {},
    }),
  };
}

for (const [what, nativeSigning] of Object.entries(broken)) {
  Deno.test(`WebCrypto signs, after one warning, if the library ${what}`, async () => {
    const { provider, warnings } = await aWarningProvider({ nativeSigning });
    await using _ = provider;
    for (const alg of ["RS256", "ES256", "EdDSA", "RS256"] as const) await signed(provider, alg);
    assertEquals(warnings.length, 1, warnings.join());
    assert(warnings[0]?.startsWith("native signing failed"));
  });
}

test("a library that fails later is replaced by WebCrypto for that signature", async (path) => {
  const signing = openLibcrypto(path);
  let isBroken = false;
  const { provider, warnings } = await aWarningProvider({
    nativeSigning: {
      ...signing,
      importKey(alg, pkcs8) {
        const key = signing.importKey(alg, pkcs8);
        return {
          ...key,
          sign: (data) => isBroken ? Promise.reject(new Error("later")) : key.sign(data),
        };
      },
    },
  });
  await using _ = provider;
  await signed(provider, "RS256");
  isBroken = true;
  for (let n = 0; n < 3; n++) await signed(provider, "RS256");
  assertEquals(warnings.length, 1);
});

test("a server signs with the library that its configuration names, or says why not", async (path) => {
  for (
    const [library, line] of [[path, "signing with"], ["/nowhere/libcrypto.so.3", "is not used"]]
  ) {
    await using installation = await anInstallation({
      env: { LATCHKEY_NATIVE_CRYPTO: library ?? "" },
    });
    const server = await installation.start();
    const ready = await fetch(`${server.url}/readyz`);
    await ready.body?.cancel();
    assertEquals(ready.status, 200);
    await server.kill("SIGTERM");
    assert(server.output().includes(line ?? ""), server.output());
  }
});
