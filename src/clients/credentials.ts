import type { ClientAuthenticationMethod } from "../../stores/clients.ts";
import { OAuthError } from "../protocol/errors.ts";

/** What a request says of who calls; nothing of it is checked yet. */
export interface PresentedCredentials {
  readonly clientId: string;
  readonly method: ClientAuthenticationMethod;
  /** Null: the request carries none, and an empty one is none. */
  readonly secret: string | null;
  /** The same secret as the header has it, where a client did not form-encode it; else null. */
  readonly unencodedSecret: string | null;
}

/**
 * Finds the one way in which a client authenticates in a request.
 *
 * @param form the request's body, in which no parameter comes twice
 * @throws {OAuthError} `invalid_client` with none, `invalid_request` with more than one
 * @see RFC 6749 section 2.3
 */
export function presentedCredentials(
  headers: Headers,
  form: Readonly<Record<string, string | string[]>>,
): PresentedCredentials {
  const clientId = single(form, "client_id");
  const secret = single(form, "client_secret");
  const authorization = headers.get("authorization");

  if (authorization !== null) {
    const basic = parseBasic(authorization);
    if (secret !== null || (clientId !== null && clientId !== basic.clientId)) {
      throw new OAuthError("invalid_request", "use one client authentication method, not two");
    }
    return basic;
  }
  if (clientId === null) {
    throw new OAuthError("invalid_client", "client_id is missing", {
      headers: challenge,
      reason: "client_id_missing",
    });
  }
  assertLength(clientId);
  return secret === null
    ? { clientId, method: "none", secret: null, unencodedSecret: null }
    : { clientId, method: "client_secret_post", secret, unencodedSecret: null };
}

/** A client that failed is told how to authenticate. @see RFC 6749 section 5.2 */
export const challenge = { "WWW-Authenticate": 'Basic realm="client", charset="UTF-8"' };

/** Keys are at most 256 characters of what comes from outside, so no client has a longer id. */
function assertLength(clientId: string) {
  if (clientId.length <= 256 && clientId.length > 0) return;
  throw new OAuthError("invalid_client", "client authentication failed", {
    headers: challenge,
    reason: "client_unknown",
  });
}

function parseBasic(authorization: string): PresentedCredentials {
  const failed = (cause?: unknown) =>
    new OAuthError("invalid_client", "the Authorization header is not Basic client credentials", {
      headers: challenge,
      cause,
      reason: "client_credentials_malformed",
    });
  const [scheme, encoded, ...rest] = authorization.split(" ");
  if (scheme?.toLowerCase() !== "basic" || encoded === undefined || rest.length > 0) throw failed();
  let decoded: string;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    decoded = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw failed(cause);
  }
  const colon = decoded.indexOf(":");
  if (colon < 0) throw failed();
  const clientId = clientIdOf(decoded.slice(0, colon));
  assertLength(clientId);
  const unencoded = decoded.slice(colon + 1);
  // A public client has an empty secret, which is none (RFC 6749 section 2.3.1).
  if (unencoded === "") return { clientId, method: "none", secret: null, unencodedSecret: null };
  const secret = formDecode(unencoded) ?? unencoded;
  const unencodedSecret = secret === unencoded ? null : unencoded;
  return { clientId, method: "client_secret_basic", secret, unencodedSecret };
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
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

function single(form: Readonly<Record<string, string | string[]>>, name: string): string | null {
  const value = form[name];
  return typeof value === "string" ? value : null;
}
