import { fromBase64url, toBase64url, utf8 } from "../crypto/encoding.ts";
import type { Deps } from "./deps.ts";

const purpose = "cursor";

/**
 * A cursor for the next page of a list. It is signed, so that a list continues only from a place where a
 * page ended.
 * @param list names the list with its filters and its owner
 */
export async function formatCursor(deps: Deps, list: string, position: string): Promise<string> {
  const mac = await deps.masterKey.mac(purpose, `${list} ${position}`);
  return `${toBase64url(utf8(position))}.${mac}`;
}

/** The start of a page; null if the cursor does not belong to this list. */
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
