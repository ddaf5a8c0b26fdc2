import { COSEALG, isoCBOR } from "@simplewebauthn/server/helpers";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { fromBase64url, toBase64url, utf8 } from "../../src/crypto/encoding.ts";
import { issuer } from "./provider.ts";

/** An authenticator in software, with real keys and in the real formats. */
export interface Authenticator {
  /** Makes a credential, as `navigator.credentials.create` does. @returns what the script posts */
  create(options: CreationOptions, ways?: Ways): Promise<CredentialJson>;
  /** Signs, as `navigator.credentials.get` does. @param which of its credentials; the last one made */
  get(options: RequestOptions, ways?: Ways & { which?: SoftCredential }): Promise<CredentialJson>;
  readonly credentials: SoftCredential[];
}

export type CreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

export interface SoftCredential {
  readonly id: string;
  readonly userHandle: string;
  readonly keys: CryptoKeyPair;
  readonly alg: number;
  /** The counter of the last signature; always 0 without a counter. */
  counter: number;
}

/** Deviations of an attacker or of an unusual browser. */
export interface Ways {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  /** Null: the authenticator says nothing. */
  readonly userHandle?: string | null;
  /** Another key than the credential's. */
  readonly keys?: CryptoKeyPair;
  readonly backupEligible?: boolean;
  /** A new credential gets the id of another credential. */
  readonly credentialId?: string;
  readonly attestation?: Attestation | ((toSign: ToSign) => Promise<Attestation>);
}

export interface Attestation {
  readonly fmt: string;
  readonly attStmt: Map<string, unknown>;
}

/** The data that an attestation signs, and the possible keys. */
export interface ToSign {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly keys: CryptoKeyPair;
}

/** As the browser's library makes it: parts of it are changed in tests. */
export interface CredentialJson {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: Readonly<Record<string, unknown>>;
}

export interface AuthenticatorOptions {
  /** Whether it counts its signatures. */
  readonly counts?: boolean;
  /** Whether its credentials are synced. */
  readonly synced?: boolean;
  /** Whether it has made sure who uses it. */
  readonly verifies?: boolean;
  readonly aaguid?: string;
  /** The origin of its browser. */
  readonly origin?: string;
  readonly alg?: -7 | -8 | -257;
  /** The keys of all its credentials; without them each has its own. */
  readonly keys?: CryptoKeyPair;
}

export function anAuthenticator(options: AuthenticatorOptions = {}): Authenticator {
  const { counts = true, synced = false, verifies = true, alg = -7, origin: at = issuer } = options;
  const aaguid = (options.aaguid ?? "00000000-0000-0000-0000-000000000000").replaceAll("-", "");
  const credentials: SoftCredential[] = [];

  const flagsOf = (ways: Ways, attested: boolean) =>
    (ways.userPresent ?? true ? 0x01 : 0) | (ways.userVerified ?? verifies ? 0x04 : 0) |
    (ways.backupEligible ?? synced ? 0x18 : 0) | (attested ? 0x40 : 0);

  return {
    credentials,
    async create({ challenge, rp, user }, ways = {}) {
      const keys = options.keys ?? await newKeys(alg);
      const id = ways.credentialId === undefined
        ? crypto.getRandomValues(new Uint8Array(32))
        : fromBase64url(ways.credentialId);
      const credential = { id: toBase64url(id), userHandle: user.id, keys, alg, counter: 0 };
      credentials.push(credential);
      const authData = bytes(
        await sha256(utf8(ways.rpId ?? rp.id ?? "")),
        [flagsOf(ways, true)],
        uint32(ways.counter ?? 0),
        Uint8Array.from(aaguid.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
        [0, id.length],
        id,
        await encodedKey(alg, keys.publicKey),
      );
      const clientDataJSON = clientData("webauthn.create", challenge, { origin: at, ...ways });
      const data = bytes(authData, await sha256(fromBase64url(clientDataJSON)));
      const { attestation: given = { fmt: "none", attStmt: new Map() } } = ways;
      const { fmt, attStmt } = typeof given === "function" ? await given({ data, keys }) : given;
      const attestation = new Map<string, unknown>([
        ["fmt", fmt],
        ["attStmt", attStmt],
        ["authData", authData],
      ]);
      const attestationObject = toBase64url(isoCBOR.encode(attestation as Encodable));
      const response = {
        clientDataJSON,
        attestationObject,
        transports: synced ? ["internal", "hybrid"] : ["usb", "nfc"],
      };
      return { id: credential.id, rawId: credential.id, type: "public-key", response };
    },
    async get({ challenge, rpId }, ways = {}) {
      const credential = ways.which ?? credentials.at(-1);
      if (!credential) throw new Error("this authenticator has no credential");
      if (counts) credential.counter++;
      const authenticatorData = bytes(
        await sha256(utf8(ways.rpId ?? rpId ?? "")),
        [flagsOf(ways, false)],
        uint32(ways.counter ?? credential.counter),
      );
      const clientDataJSON = clientData("webauthn.get", challenge, { origin: at, ...ways });
      const signed = bytes(authenticatorData, await sha256(fromBase64url(clientDataJSON)));
      const keys = ways.keys ?? credential.keys;
      const userHandle = ways.userHandle === undefined ? credential.userHandle : ways.userHandle;
      const response = {
        clientDataJSON,
        authenticatorData: toBase64url(authenticatorData),
        signature: toBase64url(await sign(credential.alg, keys.privateKey, signed)),
        ...(userHandle === null ? {} : { userHandle }),
      };
      return { id: credential.id, rawId: credential.id, type: "public-key", response };
    },
  };
}

type Encodable = Parameters<typeof isoCBOR.encode>[0];

/** @see Web Authentication Level 3 section 5.8.1 */
function clientData(type: string, challenge: string, ways: Ways): string {
  return toBase64url(utf8(JSON.stringify({
    type: ways.type ?? type,
    challenge: ways.challenge ?? challenge,
    origin: ways.origin,
    crossOrigin: ways.crossOrigin ?? false,
  })));
}

/** Keys of an algorithm of COSE. */
export async function newKeys(alg: number): Promise<CryptoKeyPair> {
  const usages: KeyUsage[] = ["sign", "verify"];
  const made = alg === COSEALG.ES256
    ? await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, usages)
    : alg === COSEALG.EdDSA
    ? await crypto.subtle.generateKey("Ed25519", true, usages)
    : await crypto.subtle.generateKey(rsa, true, usages);
  if (!("privateKey" in made)) throw new Error("one key is not a pair");
  return made;
}

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** Labels of a key's members, and what some can be. @see RFC 9052 section 7.1, RFC 9053 section 7 */
const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 };
const kinds = { okp: 1, ec2: 2, rsa: 3 };
const curves = { p256: 1, ed25519: 6 };

/** A public key as authenticators tell it. */
export async function encodedKey(alg: number, key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(isoCBOR.encode(await coseKey(alg, key)));
}

/** @see RFC 9053 sections 7.1 and 7.2, RFC 8230 section 4 */
async function coseKey(alg: number, key: CryptoKey): Promise<Encodable> {
  const { x = "", y = "", n = "", e = "" } = await crypto.subtle.exportKey("jwk", key);
  const members: [number, number | Uint8Array][] = alg === COSEALG.ES256
    ? [
      [label.kty, kinds.ec2],
      [label.alg, alg],
      [label.crv, curves.p256],
      [label.x, fromBase64url(x)],
      [label.y, fromBase64url(y)],
    ]
    : alg === COSEALG.EdDSA
    ? [
      [label.kty, kinds.okp],
      [label.alg, alg],
      [label.crv, curves.ed25519],
      [label.x, fromBase64url(x)],
    ]
    : [
      [label.kty, kinds.rsa],
      [label.alg, alg],
      [label.n, fromBase64url(n)],
      [label.e, fromBase64url(e)],
    ];
  return new Map(members) as Encodable;
}

/** A signature as authenticators make it. */
export async function sign(alg: number, key: CryptoKey, data: Uint8Array<ArrayBuffer>) {
  if (alg !== COSEALG.ES256) {
    return new Uint8Array(await crypto.subtle.sign(key.algorithm.name, key, data));
  }
  const raw = new Uint8Array(
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, data),
  );
  // WebCrypto gives r and s side by side, an authenticator gives them in DER (section 6.5.5).
  const [r, s] = [raw.slice(0, 32), raw.slice(32)].map(derInteger);
  const content = bytes(r ?? [], s ?? []);
  return bytes([0x30, content.length], content);
}

function derInteger(value: Uint8Array): Uint8Array<ArrayBuffer> {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const digits = value.slice(start);
  const padded = (digits[0] ?? 0) >= 0x80 ? bytes([0], digits) : digits;
  return bytes([0x02, padded.length], padded);
}

function bytes(...parts: (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function uint32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}
