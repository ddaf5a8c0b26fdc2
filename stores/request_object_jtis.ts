import { digest } from "../src/crypto/digest.ts";
import type { Ref } from "./engine/collection.ts";
import { type Used, usedOnce } from "./used_once.ts";

const jtis = usedOnce("request_object_jtis");

/** The digest of a request object: of its client and its `jti`. */
export async function digestOf(clientId: string, jti: string): Promise<string> {
  return await digest(JSON.stringify([clientId, jti]));
}

/** The place of a used request object. @see RFC 9101 section 10.2 */
export function ref(jtiDigest: string): Ref<Used> {
  return jtis.ref(jtiDigest);
}

/** The digest of the object whose place this is. */
export function digestAt(at: Ref<Used>): string {
  return String(at.key[1]);
}
