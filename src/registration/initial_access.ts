import { isFresh, isPresent } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as initialAccessTokens from "../../stores/initial_access_tokens.ts";
import type { Config } from "../config/config.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { missingToken, wrongToken } from "./wrong_token.ts";

/** A new token and its id: the token carries its id beside its secret, so that it is found by one read. */
export function initialAccessToken(id: string, secret: string): string {
  return `${id}.${secret}`;
}

/**
 * Checks that the sender may register a client, and spends one use of a token that has so many.
 *
 * @param token null: the request carries none
 * @returns the id of the token; null: none was needed
 * @throws {OAuthError} `invalid_token`
 * @see RFC 7591 section 3
 */
export async function takeInitialAccess(
  { config }: { readonly config: Pick<Config, "registration"> },
  tx: Transaction,
  token: string | null,
  clientId: string,
): Promise<string | null> {
  if (token === null) {
    if (config.registration === "open") return null;
    throw missingToken();
  }
  const [id = ""] = token.split(".");
  const { entry } = await tx.read({
    entry: id === "" || id.length > 64 ? null : initialAccessTokens.ref(id),
  });
  // A wrong token is refused where none is needed, too: its holder believes that it means something.
  if (
    entry === null || !isPresent(entry) ||
    !constantTimeEqual(await digest(token), entry.value.tokenDigest)
  ) {
    throw wrongToken("the initial access token is unknown, expired or withdrawn");
  }
  if (!entry.value.singleUse) return id;
  if (!isFresh(entry)) throw wrongToken("the initial access token is used up");
  initialAccessTokens.consume(tx, entry, clientId);
  return id;
}
