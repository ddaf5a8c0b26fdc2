import type { HashName } from "./native_tools.ts";
import { nativeTools, nodeCrypto } from "./node_crypto.ts";

/** A hash, computed synchronously. */
export function hashNow(name: HashName, content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return nativeTools()?.hash(name, content) ??
    new Uint8Array(nodeCrypto().createHash(name).update(content).digest());
}
