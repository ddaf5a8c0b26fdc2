import type { Entry } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { Unspent, type UsableTime, type Used } from "../../stores/used_once.ts";
import { OAuthError } from "../protocol/errors.ts";

/** @throws {OAuthError} `invalid_request_object` if it was used, or may have been before a restore */
export function unspentObject(tx: Transaction, used: Entry<Used>, usable: UsableTime): Unspent {
  const unspent = Unspent.check(tx, used, usable);
  if (unspent === null) throw usedObject();
  return unspent;
}

/** The error of an object that is used twice. @see RFC 9101 section 10.2 */
export function usedObject(): OAuthError {
  return new OAuthError(
    "invalid_request_object",
    "the request object was already used: start again at the application",
    { reason: "request_object_used" },
  );
}
