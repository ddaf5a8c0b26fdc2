import { digest } from "../src/crypto/digest.ts";
import type { Ref } from "./engine/collection.ts";
import { type Used, usedOnce } from "./used_once.ts";

const jtis = usedOnce("dpop_jtis");

/** Seconds for which a proof's `jti` is remembered: much longer than a proof is accepted. */
export const jtiLifetime = 3600;

/** The place of a used proof: its key, its client and its `jti`. @see RFC 9449 section 11.1 */
export async function ref(
  { keyThumbprint, clientId, jti }: { keyThumbprint: string; clientId: string; jti: string },
): Promise<Ref<Used>> {
  return jtis.ref(await digest(JSON.stringify([keyThumbprint, clientId, jti])));
}
