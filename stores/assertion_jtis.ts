import { digest } from "../src/crypto/digest.ts";
import { collection, type Ref } from "./engine/collection.ts";
import { type Used, usedSchema } from "./used_once.ts";

const jtis = collection({ family: "assertion_jtis", version: 1, schema: usedSchema });

/**
 * The place of a used authorization grant in the form of a JWT: its issuer and its `jti`.
 * @see RFC 7523 section 3
 */
export async function ref(issuer: string, jti: string): Promise<Ref<Used>> {
  return jtis.ref(await digest(JSON.stringify([issuer, jti])));
}
