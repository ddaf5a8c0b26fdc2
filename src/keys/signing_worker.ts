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

/** @see RFC 7518 sections 3.3 and 3.4 */
const algorithms = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
} as const;

const keys = new Map<number, Promise<CryptoKey>>();

self.onmessage = async ({ data: task }: MessageEvent<SigningTask>) => {
  if (task.kind === "import") keys.set(task.key, imported(task.alg, task.pkcs8));
  else if (task.kind === "free") keys.delete(task.key);
  else reply({ kind: "signed", id: task.id, signature: await signature(task.key, task.data) });
};
reply({ kind: "ready" });

async function imported(alg: NativeAlgorithm, pkcs8: Uint8Array<ArrayBuffer>) {
  try {
    return await crypto.subtle.importKey("pkcs8", pkcs8, algorithms[alg], false, ["sign"]);
  } finally {
    pkcs8.fill(0);
  }
}

async function signature(
  keyId: number,
  data: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer | null> {
  try {
    const key = await keys.get(keyId);
    return key === undefined
      ? null
      : await crypto.subtle.sign({ ...key.algorithm, hash: "SHA-256" }, key, data);
  } catch {
    return null;
  }
}

function reply(message: SigningReply) {
  self.postMessage(message);
}
