import type { Client } from "../../../stores/clients.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { digestNow } from "../../crypto/digest.ts";
import { OAuthError } from "../../protocol/errors.ts";
import { assertLength, challenge } from "./failed.ts";
import { tellRight } from "./told_right.ts";

/** The digest of a secret that a request carries; nothing of it is checked yet. */
export interface PresentedSecret {
  readonly method: "client_secret_basic" | "client_secret_post";
  readonly clientId: string;
  readonly digest: string;
  /** That of the secret as the header has it, in case that a client did not form-encode it. */
  readonly unencodedDigest: string;
}

/** Whether a request carries a secret as it is. */
export function isBySecret(
  credentials: { readonly method: string },
): credentials is PresentedSecret {
  const { method } = credentials;
  return method === "client_secret_basic" || method === "client_secret_post";
}

/**
 * Whether a client with a secret sent that secret: in the header or in the body, whichever of the two it
 * registered (RFC 6749 section 2.3.1). After a rotation two secrets may be right. It takes as long for a
 * client that is unknown or public.
 */
export function isSecretOf(
  client: Client | null,
  presented: PresentedSecret,
  now: number,
): boolean {
  const { digest, unencodedDigest } = presented;
  const current = client?.secretDigest ?? noSecret;
  const previous = (client && livePreviousSecret(client, now))?.secretDigest ?? noSecret;
  // Both spellings are always compared, and one wrong request is one failure: a second spelling tells
  // nothing by its time, and gives a guesser no second try at a secret of which it knows nothing.
  const matches = [
    constantTimeEqual(digest, current),
    constantTimeEqual(unencodedDigest, current),
    constantTimeEqual(digest, previous),
    constantTimeEqual(unencodedDigest, previous),
  ];
  const isRight = matches.includes(true) && client !== null && takesSecret(client);
  if (isRight) tellRight(presented);
  return isRight;
}

/** Whether a client sends its secret. One that signs with it must never send it. */
export function takesSecret({ tokenEndpointAuthMethod: method, secretDigest }: Client): boolean {
  return secretDigest !== null &&
    (method === "client_secret_basic" || method === "client_secret_post");
}

/** The secret before the newest one, as long as it works too. @param now epoch seconds */
export function livePreviousSecret({ previousSecret }: Client, now: number) {
  return previousSecret !== null && now < previousSecret.expiresAt ? previousSecret : null;
}

// No text has this digest that anyone could find, and it has a digest's length.
const noSecret = "0".repeat(43);

/**
 * The id and the secret in an `Authorization` header; without a secret, the id alone.
 *
 * @throws {OAuthError} `invalid_client`
 */
export function parseBasic(
  authorization: string,
): PresentedSecret | { readonly method: "none"; readonly clientId: string } {
  const failed = (cause?: unknown) =>
    new OAuthError("invalid_client", "the Authorization header is not Basic client credentials", {
      headers: challenge,
      cause,
      reason: "client_credentials_malformed",
    });
  // One space or more (RFC 9110 section 11.4).
  const [, encoded] = /^basic +([^ ]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) throw failed();
  let decoded: string;
  try {
    const binary = atob(encoded);
    decoded = isAscii(binary) ? binary : utf8In(binary);
  } catch (cause) {
    throw failed(cause);
  }
  const colon = decoded.indexOf(":");
  if (colon < 0) throw failed();
  const clientId = clientIdOf(decoded.slice(0, colon));
  assertLength(clientId);
  const unencoded = decoded.slice(colon + 1);
  // A public client has an empty secret, which is none (RFC 6749 section 2.3.1).
  if (unencoded === "") return { clientId, method: "none" };
  const secret = formDecode(unencoded) ?? unencoded;
  const digest = digestNow(secret);
  const unencodedDigest = secret === unencoded ? digest : digestNow(unencoded);
  return { clientId, method: "client_secret_basic", digest, unencodedDigest };
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}

/** @param binary a character for each byte @throws {TypeError} */
function utf8In(binary: string): string {
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/**
 * The client id in a header. Both halves are form-encoded before they are joined, so that a colon can be
 * part of an id. Some libraries do not encode: an id that decodes to what no client id can be, such as
 * `a b` from `a+b`, is taken as it was sent. One reading is chosen here, so that one client is looked up.
 */
function clientIdOf(sent: string): string {
  const decoded = formDecode(sent);
  return decoded !== null && /^[\x21-\x7e]+$/.test(decoded) ? decoded : sent;
}

/** Null: the text is not form-encoded. */
function formDecode(text: string): string | null {
  if (!/[%+]/.test(text)) return text; // as nearly always
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
