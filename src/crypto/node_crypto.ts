import type { NativeTools } from "./native_tools.ts";

type NodeCrypto = typeof import("node:crypto");

let loaded: NodeCrypto | null = null;

/**
 * Node's crypto module, which works synchronously, unlike WebCrypto. It is loaded at its first use: that
 * takes as long as a bare server needs to start, and the first answers of a server need none of it.
 */
export function nodeCrypto(): NodeCrypto {
  return loaded ??= globalThis.process.getBuiltinModule("node:crypto");
}

export function isNodeCryptoLoaded(): boolean {
  return loaded !== null;
}

let tools: NativeTools | null = null;

/** What is faster than Node's crypto; null: the operator named no library, or it is not usable. */
export function nativeTools(): NativeTools | null {
  return tools;
}

/** From now on this process uses them; null: none. Call it only with tools that were verified. */
export function useNativeTools(verified: NativeTools | null) {
  tools = verified;
}
