import { assertEquals } from "@std/assert";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  base64url,
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import { callback, register } from "../registration/registration.ts";
import { aCallCentre, requestClaims } from "../support/backchannel.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { isOlderDeno } from "../support/newer_deno.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { objectClaims } from "../support/request_object.ts";
import { aTrustedIssuer, idp, jwtBearer } from "../support/trusted_issuer.ts";
import { type TestWeb, testWeb } from "../support/web.ts";
import { account, aWorkload, cluster, workloads } from "../support/workload.ts";

const algorithms = usable(signingAlgorithms);
const jwksUri = "https://keys.example/jwks";
const directory = "https://directory.example";
const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface Key {
  readonly jwk: JWK;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** A key in the JWKS of everybody who signs. @param says what the JWK says of it */
async function aKey(alg: string, kid: string, says: Partial<JWK> = {}): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, jwk: { ...await exportJWK(pair.publicKey), kid, ...says } };
}

const good = await Promise.all(algorithms.map((alg) => aKey(alg, alg, { alg })));
const [rsa, ec] = [good[0], good[algorithms.indexOf("ES256")]];
if (rsa === undefined || ec === undefined) throw new Error("no keys");
const forEncryption = await aKey("ES256", "enc", { use: "enc" });
const another = await aKey("ES256", "another"); // of nobody
const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
const smallJwk = { ...small.publicKey.export({ format: "jwk" }), kid: "small" } as JWK;
const newest = isOlderDeno ? [] : [await aKey("ML-DSA-44", "newest")];
const keys = [...good, forEncryption, ...newest].map(({ jwk }) => jwk).concat(smallJwk);

/** Where somebody sends a JWT that their key has signed. */
interface Place {
  readonly typ?: string;
  /** Whether the key is in the header; otherwise its `kid` is. */
  readonly embeds?: boolean;
  claims(): Record<string, unknown>;
  send(jwt: string): Promise<Response>;
}

/** Its claims are right in every case. */
function places(provider: TestProvider): Readonly<Record<string, Place>> {
  const now = provider.clock.seconds();
  const fresh = () => ({ jti: crypto.randomUUID(), iat: now, exp: now + 60 });
  const machine = { grant_type: "client_credentials" };
  return {
    "client assertion": {
      claims: () => ({ iss: "app", sub: "app", aud: issuer, ...fresh() }),
      send: (client_assertion) =>
        provider.post("/token", { ...machine, client_assertion_type: type, client_assertion }),
    },
    "request object": {
      claims: () => objectClaims(provider, { client: "signer" }),
      send: (request) => provider.post("/par", { request, ...provider.credentials("signer") }),
    },
    "signed request to a user elsewhere": {
      claims: () => requestClaims(provider, { client: "bank" }),
      send: (request) =>
        provider.post("/backchannel_authentication", { request, ...provider.credentials("bank") }),
    },
    "DPoP proof": {
      typ: "dpop+jwt",
      embeds: true,
      claims: () => ({ ...fresh(), htm: "POST", htu: `${issuer}/token` }),
      send: (dpop) =>
        provider.post("/token", { ...machine, ...provider.credentials("shop") }, { dpop }),
    },
    "software statement": {
      claims: () => ({ iss: directory, ...fresh() }),
      async send(software_statement) {
        const redirect_uris = [callback];
        const { status } = await register(provider, { redirect_uris, software_statement });
        return new Response(null, { status });
      },
    },
    "token of a workload": {
      claims: () => ({ iss: cluster, sub: account, aud: issuer, ...fresh() }),
      send: (client_assertion) =>
        provider.post("/token", {
          ...machine,
          client_id: "orders",
          client_assertion_type: type,
          client_assertion,
        }),
    },
    "identity assertion": {
      typ: "oauth-id-jag+jwt",
      claims: () => ({ iss: idp, sub: "alice", aud: issuer, client_id: "wiki", ...fresh() }),
      send: (assertion) =>
        provider.post("/token", {
          grant_type: jwtBearer,
          assertion,
          ...provider.credentials("wiki"),
        }),
    },
  };
}

interface Signature {
  readonly alg: string;
  readonly jwk: JWK;
  readonly make: (input: string) => Promise<string> | string;
  /** Further members of the header. */
  readonly says?: Readonly<Record<string, unknown>>;
}

/** Signs with what may be another key than the header names. */
async function signed(
  { typ, embeds, claims }: Place,
  { alg, jwk, make, says }: Signature,
): Promise<string> {
  const header = { alg, ...embeds ? { jwk } : { kid: jwk.kid }, ...typ && { typ }, ...says };
  const input = [header, claims()].map((part) => base64url.encode(JSON.stringify(part))).join(".");
  return `${input}.${await make(input)}`;
}

/** The signature by a library, of any header and payload. */
function by(key: CryptoKey | Uint8Array, alg: string): Signature["make"] {
  return async (input) => {
    const [header = "", payload = ""] = input.split(".");
    const protectedHeader = JSON.parse(new TextDecoder().decode(base64url.decode(header)));
    const jws = await new CompactSign(base64url.decode(payload))
      .setProtectedHeader({ ...protectedHeader, alg }).sign(key);
    return jws.split(".")[2] ?? "";
  };
}

/** The signature of ES256, whatever the header says. */
function byEc(key: CryptoKey): Signature["make"] {
  return async (input) => {
    const bytes = new TextEncoder().encode(input);
    const ecdsa = { name: "ECDSA", hash: "SHA-256" };
    return base64url.encode(new Uint8Array(await crypto.subtle.sign(ecdsa, key, bytes)));
  };
}

function bySmall(key: KeyObject): Signature["make"] {
  return (input) => sign("sha256", new TextEncoder().encode(input), key).toString("base64url");
}

async function attacks(): Promise<Readonly<Record<string, Signature>>> {
  const hmacs: Record<string, Signature> = {};
  for (const { jwk, publicKey } of [rsa!, ec!]) {
    const secrets = [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n ?? jwk.x ?? ""];
    for (const [n, secret] of secrets.entries()) {
      for (const alg of ["HS256", "HS384", "HS512"]) {
        // A library may pad a secret that is shorter than the hash.
        for (const padded of new Set([secret, secret.padEnd(64)])) {
          const make = by(new TextEncoder().encode(padded), alg);
          hmacs[`${alg} of a public ${jwk.kty} key ${n}, ${padded.length} bytes`] = {
            alg,
            jwk,
            make,
          };
        }
      }
    }
  }
  const none = () => "";
  return {
    ...hmacs,
    ...Object.fromEntries(
      ["none", "None", "NONE", "", "RS256", "ES256", "HS256"].map((alg) => [
        `${alg} without a signature`,
        { alg, jwk: alg === "ES256" ? ec!.jwk : rsa!.jwk, make: none },
      ]),
    ),
    "a short RSA key": { alg: "RS256", jwk: smallJwk, make: bySmall(small.privateKey) },
    "a key for encryption": {
      alg: "ES256",
      jwk: forEncryption.jwk,
      make: by(forEncryption.privateKey, "ES256"),
    },
    "a key whose alg is another one": {
      alg: "PS256",
      jwk: rsa!.jwk,
      make: await asAnother(rsa!, "PS256"),
    },
    "a key of another curve": {
      alg: "ES384",
      jwk: ec!.jwk,
      make: by((await aKey("ES384", "x")).privateKey, "ES384"),
    },
    "another's key": { alg: "ES256", jwk: ec!.jwk, make: by(another.privateKey, "ES256") },
    "an unknown algorithm": { alg: "ES256K", jwk: ec!.jwk, make: by(ec!.privateKey, "ES256") },
    "an algorithm for encryption": {
      alg: "RSA-OAEP",
      jwk: rsa!.jwk,
      make: by(rsa!.privateKey, "RS256"),
    },
    ...Object.fromEntries(
      [
        { crit: ["x"], x: true },
        { crit: ["x"] },
        { crit: ["exp"], exp: 1 },
        { crit: [] },
        { crit: "x", x: true },
        { crit: ["b64"], b64: false },
      ].map((says) => [
        `an extension that must be understood: ${JSON.stringify(says)}`,
        { alg: "ES256", jwk: ec!.jwk, make: byEc(ec!.privateKey), says },
      ]),
    ),
    ...Object.fromEntries(newest.map(({ jwk, privateKey }) => [
      "an algorithm that is not published",
      { alg: "ML-DSA-44", jwk, make: by(privateKey, "ML-DSA-44") },
    ])),
  };
}

/** The same RSA key, for another algorithm than its JWK says. */
async function asAnother({ privateKey }: Key, alg: string): Promise<Signature["make"]> {
  const { alg: _, ...jwk } = await exportJWK(privateKey);
  return by(await importJWK(jwk, alg), alg);
}

async function aMatrixProvider(web: TestWeb = testWeb()): Promise<TestProvider> {
  web.publish(jwksUri, JSON.stringify({ keys }));
  const keyless = { jwks: null, jwksUri };
  return await aProvider({
    transport: web,
    clients: [
      aKeyClient("app", {
        jwks_uri: jwksUri,
        grant_types: ["client_credentials"],
        redirect_uris: [],
      }),
      aClient("signer", { jwks_uri: jwksUri }),
      aCallCentre("bank", {
        jwks_uri: jwksUri,
        backchannel_authentication_request_signing_alg: "ES256",
      }),
      aClient("shop", { grant_types: ["client_credentials"], redirect_uris: [] }),
      aWorkload("orders"),
      aClient("wiki", { grant_types: [jwtBearer], redirect_uris: [] }),
    ],
    config: {
      registration: "open",
      softwareStatementIssuers: { [directory]: jwksUri },
      workloadIssuers: [(await workloads()).trusted(keyless)],
      trustedIssuers: [(await aTrustedIssuer()).trusted(keyless)],
    },
  });
}

Deno.test("exactly the published algorithms are accepted of everybody who signs for this server", async () => {
  await using provider = await aMatrixProvider();
  const metadata = await (await provider.request("/.well-known/openid-configuration")).json();
  const published: Record<string, string[]> = {
    "client assertion": metadata.token_endpoint_auth_signing_alg_values_supported,
    "request object": metadata.request_object_signing_alg_values_supported,
    // Only the one that the client is registered for.
    "signed request to a user elsewhere": ["ES256"],
    "DPoP proof": metadata.dpop_signing_alg_values_supported,
  };
  for (const [name, place] of Object.entries(places(provider))) {
    const accepted: string[] = [];
    for (const [n, alg] of algorithms.entries()) {
      const key = good[n];
      if (key === undefined) throw new Error("no key");
      const jwt = await signed(place, { alg, jwk: key.jwk, make: by(key.privateKey, alg) });
      const { status } = await place.send(jwt);
      if (status < 300) accepted.push(alg);
    }
    const listed = published[name] ?? algorithms;
    // A secret of the client's own, and a client that is registered for `none`, are other matters.
    const expected = listed.filter((alg) => !alg.startsWith("HS") && alg !== "none");
    assertEquals(accepted, expected, name);
  }
});

Deno.test("no signature, an HMAC of a public key, an unknown extension, and a key that is too short or for another purpose are refused of everybody", async () => {
  await using provider = await aMatrixProvider();
  const accepted: string[] = [];
  const all = Object.entries(await attacks());
  for (const [name, place] of Object.entries(places(provider))) {
    for (const [attack, signature] of all) {
      const { status } = await place.send(await signed(place, signature));
      if (status < 400 || status >= 500) accepted.push(`${name}: ${attack}: ${status}`);
    }
    // The place is not refused as such.
    const jwt = await signed(place, {
      alg: "ES256",
      jwk: ec.jwk,
      make: by(ec.privateKey, "ES256"),
    });
    assertEquals((await place.send(jwt)).status < 300, true, name);
  }
  assertEquals(accepted, []);
});

Deno.test("keys without a kid are found for everybody who signs, also right after they have changed", async () => {
  const [first, second, next] = await Promise.all(["1", "2", "3"].map((n) => aKey("ES256", n)));
  if (first === undefined || second === undefined || next === undefined) throw new Error("no key");
  const web = testWeb();
  await using provider = await aMatrixProvider(web);
  const publish = (...some: readonly Key[]) => {
    web.publish(jwksUri, JSON.stringify({ keys: some.map(({ jwk: { kid: _, ...jwk } }) => jwk) }));
    provider.clock.advance(11);
  };
  const isTaken = async (place: Place, { jwk: { kid: _, ...jwk }, privateKey }: Key) => {
    const jwt = await signed(place, { alg: "ES256", jwk, make: by(privateKey, "ES256") });
    return (await place.send(jwt)).status < 300;
  };
  const found: Record<string, boolean[]> = {};
  for (const name of Object.keys(places(provider))) {
    // Its claims are made anew, because the clock moves.
    const at = (key: Key) => isTaken(places(provider)[name]!, key);
    if (places(provider)[name]?.embeds) continue;
    publish(first, second);
    provider.clock.advance(3600);
    const both = [await at(first), await at(second)];
    publish(next);
    found[name] = [...both, await at(next), await at(first)];
  }
  const all = Object.keys(found).map((name) => [name, [true, true, true, false]]);
  assertEquals(found, Object.fromEntries(all));
});
