import { decodeProtectedHeader } from "jose";
import type { EncryptionAlgorithm } from "../../stores/encryption_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { decrypted, NotDecrypted } from "../keys/decrypt.ts";
import { isRequestObjectType } from "./request_object_type.ts";

/**
 * The signed object in an encrypted one. Whatever is wrong with it has the error of a wrong signature: an
 * attacker who sends many objects cannot tell from the errors which part was wrong.
 *
 * @param registered the client's algorithms: the header never chooses them
 * @throws {NotDecrypted}
 * @see RFC 9101 sections 6.1 and 10.2, RFC 7519 section 5.2
 */
export async function openedObject(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  jwe: string,
  { alg, enc }: { readonly alg: EncryptionAlgorithm; readonly enc: string },
): Promise<string> {
  const { kid = null, ...header } = headerOf(jwe);
  // A few bytes of compressed content could be a very long text (RFC 8725 section 3.6).
  const isRight = header.alg === alg && header.enc === enc && !("zip" in header) &&
    isRequestObjectType(header.typ) && isRequestObjectType(header.cty);
  if (!isRight || (kid !== null && typeof kid !== "string")) {
    throw new NotDecrypted("its header is not what the client registered");
  }
  const plaintext = await decrypted(deps, tx, jwe, { kid, alg, enc });
  return new TextDecoder().decode(plaintext);
}

function headerOf(jwe: string) {
  try {
    return decodeProtectedHeader(jwe);
  } catch (cause) {
    throw new NotDecrypted("it has no header", { cause });
  }
}
