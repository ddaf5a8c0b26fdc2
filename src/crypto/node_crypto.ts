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
