import { digest } from "../src/crypto/digest.ts";
import type { Ref } from "./engine/collection.ts";
import { type Used, usedOnce } from "./used_once.ts";

const jtis = usedOnce("assertion_jtis");

/**
 * The place of a used authorization grant in the form of a JWT: its issuer and its `jti`.
 * @see RFC 7523 section 3
 */
export async function ref(issuer: string, jti: string): Promise<Ref<Used>> {
  return jtis.ref(await digest(JSON.stringify([issuer, jti])));
}
