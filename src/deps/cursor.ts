import { fromBase64url, toBase64url, utf8 } from "../crypto/encoding.ts";
import type { Deps } from "./deps.ts";

const purpose = "cursor";

/**
 * A cursor for the next page of a list. It is signed, so that no list ever begins where it did not end.
 *
 * @param list names the list with its filters, and whose it is
 */
export async function formatCursor(deps: Deps, list: string, position: string): Promise<string> {
  const mac = await deps.masterKey.mac(purpose, `${list} ${position}`);
  return `${toBase64url(utf8(position))}.${mac}`;
}

/** Where a page begins; null if the cursor is not one of this list. */
export async function parseCursor(
  deps: Deps,
  list: string,
  cursor: string,
): Promise<string | null> {
  const [encoded = "", mac = ""] = cursor.split(".");
  const position = decoded(encoded);
  return await deps.masterKey.verifyMac(purpose, `${list} ${position}`, mac) ? position : null;
}

function decoded(encoded: string): string {
  try {
    return new TextDecoder().decode(fromBase64url(encoded));
  } catch {
    return "";
  }
}
