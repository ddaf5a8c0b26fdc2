/// The worker of argon2_workers.ts: a thread that computes argon2id in WebAssembly.
import type { Argon2Input } from "./argon2.ts";
import { computeInWasm } from "./argon2_wasm.ts";

/** A job for a worker. Its reply has the same id. */
export interface Argon2Job {
  readonly id: number;
  readonly input: Argon2Input;
}

/** A message of a worker: one when it has started, then one for each job. */
export type Argon2Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly id: number; readonly hash: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

// A worker's `self` has other members than a page's, and one program can have only one of the two
// types.
declare const self: {
  onmessage: ((event: MessageEvent<Argon2Job>) => void) | null;
  postMessage(reply: Argon2Reply): void;
};

self.onmessage = async ({ data: { id, input } }) => {
  try {
    self.postMessage({ kind: "done", id, hash: await computeInWasm(input) });
  } catch (error) {
    self.postMessage({ kind: "failed", id, message: String(error) });
  }
};
self.postMessage({ kind: "ready" });
