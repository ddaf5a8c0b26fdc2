import { CompactSign, type CryptoKey, importJWK, type JWK } from "jose";
import { algorithmsInUse, type SigningAlgorithm, usable } from "../../stores/provider.ts";
import type { EncryptionKeyType } from "../../stores/encryption_keys.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { toBase64url, utf8 } from "../crypto/encoding.ts";
import { nodeCrypto } from "../crypto/node_crypto.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import { nativeAlgorithms, type NativeKey, type NativeSigning } from "../deps/native_signing.ts";
import type { Signer } from "../deps/signer.ts";
import type { Logger } from "../telemetry/logger.ts";
import { verifiedNativeKey } from "./native_key.ts";

/**
 * The encryption context of the private half of a signing key: it can be unsealed only with the same
 * `kid`.
 */
export function sealContext(kid: string): string {
  return `signing_keys/${kid}`;
}

/**
 * Keys of this server do not exist yet. They have to be made, outside of the step, before it can go on. The
 * message names all of them: an equal message means that the same keys are needed again.
 */
export class OwnKeysNeeded extends Error {
  override readonly name = "OwnKeysNeeded";
  readonly signing: readonly SigningAlgorithm[];
  readonly encryption: readonly EncryptionKeyType[];

  constructor(
    { signing = [], encryption = [] }: Partial<Pick<OwnKeysNeeded, "signing" | "encryption">>,
  ) {
    super(`this server has no keys of ${[...signing, ...encryption].join(", ")} yet`);
    this.signing = signing;
    this.encryption = encryption;
  }
}

export interface SignerSurroundings {
  readonly kv: Kv;
  readonly masterKey: MasterKey;
  readonly logger: Logger;
  /** Makes the signatures if it proves that it can; null: WebCrypto makes them. */
  readonly native: NativeSigning | null;
}

/** An unsealed key. */
interface PrivateKey {
  readonly alg: SigningAlgorithm;
  readonly webCrypto: CryptoKey;
  readonly native: NativeKey | null;
}

/** Each step reads from the store which keys sign. Memory holds only the unsealed key of each `kid`. */
export function createSigner({ kv, masterKey, logger, native }: SignerSurroundings): Signer {
  const unsealed = new Map<string, Promise<PrivateKey>>();
  let warned = false;
  return {
    async sign(provider, alg, claims, typ) {
      const kid = provider.activeKeys[alg];
      // Registering the client has made it; a release before this one may have dropped it since.
      if (kid === undefined) throw new OwnKeysNeeded({ signing: [alg] });
      const key = await privateKey(kid, alg);
      const header = typ === undefined ? { alg, kid } : { alg, kid, typ };
      const payload = utf8(JSON.stringify(claims));
      const jwt = await signedNatively(key, header, payload) ??
        await new CompactSign(payload).setProtectedHeader(header).sign(key.webCrypto);
      return { jwt, kid };
    },
    async load(provider) {
      // A process on a newer Deno may have made keys that this runtime cannot use.
      const keys = usable(algorithmsInUse(provider)).flatMap((alg) => {
        const kid = provider.activeKeys[alg];
        return kid === undefined ? [] : [privateKey(kid, alg)];
      });
      // Wait for all of them, so that none is still running when a failure is reported.
      const outcomes = await Promise.allSettled(keys);
      const failure = outcomes.find((outcome) => outcome.status === "rejected");
      if (failure) throw failure.reason;
    },
  };

  function privateKey(kid: string, alg: SigningAlgorithm): Promise<PrivateKey> {
    let key = unsealed.get(kid);
    if (key === undefined) {
      key = load(kid, alg);
      unsealed.set(kid, key);
      // A temporary failure of the store must not disable the key forever.
      key.then(() => forgetOthers(kid, alg), () => unsealed.delete(kid));
    }
    return key;
  }

  /** A key that was rotated or withdrawn leaves the memory when its successor first signs. */
  async function forgetOthers(active: string, alg: SigningAlgorithm) {
    for (const [kid, loading] of unsealed) {
      const key = kid === active ? null : await loading.catch(() => null);
      if (key?.alg !== alg) continue;
      unsealed.delete(kid);
      key.native?.free();
    }
  }

  async function load(kid: string, alg: SigningAlgorithm): Promise<PrivateKey> {
    const { key } = await kv.step(
      systemOrigin,
      (tx) => tx.read({ key: signingKeys.ref(kid) }),
    );
    if (key.value === null) throw new Error(`the active signing key ${kid} is not in the store`);
    const jwk = JSON.parse(await masterKey.unseal(key.value.sealedPrivateJwk, sealContext(kid)));
    const imported = await importJWK(jwk, alg);
    if (imported instanceof Uint8Array) throw new Error(`${kid} is not an asymmetric key`);
    return { alg, webCrypto: imported, native: await nativeKey(jwk, alg, key.value.publicJwk) };
  }

  async function nativeKey(
    jwk: JWK,
    alg: SigningAlgorithm,
    publicJwk: JWK,
  ): Promise<NativeKey | null> {
    const nativeAlg = nativeAlgorithms.find((one) => one === alg);
    if (native === null || nativeAlg === undefined) return null;
    const pkcs8 = pkcs8Of(jwk);
    if (pkcs8 === null) return null;
    try {
      return await verifiedNativeKey(native, nativeAlg, pkcs8, publicJwk);
    } catch (error) {
      warn(error);
      return null;
    } finally {
      pkcs8.fill(0);
    }
  }

  /** Null: this runtime cannot write the key as PKCS #8, as of some curves. */
  function pkcs8Of(key: JWK): Uint8Array<ArrayBuffer> | null {
    try {
      const der = nodeCrypto().createPrivateKey({ key, format: "jwk" })
        .export({ type: "pkcs8", format: "der" });
      const pkcs8 = new Uint8Array(der);
      der.fill(0);
      return pkcs8;
    } catch {
      return null;
    }
  }

  /** A JWS whose signature comes from the native library; null: WebCrypto has to make it. */
  async function signedNatively(
    { native: key }: PrivateKey,
    header: object,
    payload: Uint8Array,
  ): Promise<string | null> {
    if (key === null) return null;
    const input = `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(payload)}`;
    try {
      const signature = await key.sign(utf8(input));
      return signature && `${input}.${toBase64url(signature)}`;
    } catch (error) {
      warn(error);
      return null;
    }
  }

  function warn(error: unknown) {
    if (warned) return;
    warned = true;
    logger.warn("native signing failed, so WebCrypto signs: correct LATCHKEY_NATIVE_CRYPTO", {
      error,
    });
  }
}
