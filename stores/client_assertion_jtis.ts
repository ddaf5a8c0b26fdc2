import { digest } from "../src/crypto/digest.ts";
import type { Ref } from "./engine/collection.ts";
import { type Used, usedOnce } from "./used_once.ts";

const jtis = usedOnce("client_assertion_jtis");

/** The place of a used assertion: its client and its `jti`. @see RFC 7523 section 3 */
export async function ref(clientId: string, jti: string): Promise<Ref<Used>> {
  return jtis.ref(await digest(JSON.stringify([clientId, jti])));
}
