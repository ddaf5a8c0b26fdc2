/// <reference lib="deno.worker" />
import type { NativeAlgorithm } from "../deps/native_signing.ts";

/** What a signing thread is asked to do. */
export type SigningTask =
  | {
    readonly kind: "import";
    readonly key: number;
    readonly alg: NativeAlgorithm;
    readonly pkcs8: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly kind: "sign";
    readonly id: number;
    readonly key: number;
    readonly data: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "free"; readonly key: number };

export type SigningReply =
  | { readonly kind: "ready" }
  /** Null: it could not be signed. */
  | { readonly kind: "signed"; readonly id: number; readonly signature: ArrayBuffer | null };

const pkcs1 = { name: "RSASSA-PKCS1-v1_5" } as const;
const pss = { name: "RSA-PSS" } as const;
const ecdsa = { name: "ECDSA" } as const;

/** What WebCrypto is told to import a key, and to sign with it. @see RFC 7518 sections 3.3, 3.4 and 3.5 */
const algorithms = {
  RS256: { ...pkcs1, hash: "SHA-256" },
  RS384: { ...pkcs1, hash: "SHA-384" },
  RS512: { ...pkcs1, hash: "SHA-512" },
  PS256: { ...pss, hash: "SHA-256", saltLength: 32 },
  PS384: { ...pss, hash: "SHA-384", saltLength: 48 },
  PS512: { ...pss, hash: "SHA-512", saltLength: 64 },
  ES256: { ...ecdsa, namedCurve: "P-256", hash: "SHA-256" },
  ES384: { ...ecdsa, namedCurve: "P-384", hash: "SHA-384" },
  ES512: { ...ecdsa, namedCurve: "P-521", hash: "SHA-512" },
} as const satisfies Record<NativeAlgorithm, unknown>;

interface ImportedKey {
  readonly alg: NativeAlgorithm;
  readonly key: CryptoKey;
}

const keys = new Map<number, Promise<ImportedKey>>();

self.onmessage = async ({ data: task }: MessageEvent<SigningTask>) => {
  if (task.kind === "import") keys.set(task.key, imported(task.alg, task.pkcs8));
  else if (task.kind === "free") keys.delete(task.key);
  else reply({ kind: "signed", id: task.id, signature: await signature(task.key, task.data) });
};
reply({ kind: "ready" });

async function imported(
  alg: NativeAlgorithm,
  pkcs8: Uint8Array<ArrayBuffer>,
): Promise<ImportedKey> {
  try {
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithms[alg], false, ["sign"]);
    return { alg, key };
  } finally {
    pkcs8.fill(0);
  }
}

async function signature(
  keyId: number,
  data: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer | null> {
  try {
    const found = await keys.get(keyId);
    return found === undefined
      ? null
      : await crypto.subtle.sign(algorithms[found.alg], found.key, data);
  } catch {
    return null;
  }
}

function reply(message: SigningReply) {
  self.postMessage(message);
}
