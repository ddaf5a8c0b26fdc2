import { digestNow } from "../crypto/digest.ts";
import { OAuthError } from "../protocol/errors.ts";
import { parseBasic, type PresentedSecret } from "./methods/client_secret.ts";
import {
  parseAssertion,
  type PresentedAssertion,
  type PresentedWorkload,
} from "./methods/client_assertion.ts";
import { assertLength, challenge } from "./methods/failed.ts";

/** The credentials in a request, not checked yet. Each way to present them is one member. */
export type PresentedCredentials =
  | { readonly method: "none"; readonly clientId: string }
  | PresentedSecret
  | PresentedAssertion
  | PresentedWorkload;

/**
 * Finds the one way in which a client authenticates in a request.
 *
 * @param form the request's body, in which no parameter comes twice
 * @param urls of the endpoint
 * @throws {OAuthError} `invalid_client` with none, `invalid_request` with more than one
 * @see RFC 6749 section 2.3
 */
export function presentedCredentials(
  headers: Headers,
  form: Readonly<Record<string, string | string[]>>,
  urls: readonly string[],
): PresentedCredentials {
  const clientId = single(form, "client_id");
  const secret = single(form, "client_secret");
  const authorization = headers.get("authorization");
  const assertion = single(form, "client_assertion");
  const assertionType = single(form, "client_assertion_type");

  if (assertion !== null || assertionType !== null) {
    if (authorization !== null || secret !== null) throw twoMethods();
    return parseAssertion(assertion, assertionType, clientId, urls);
  }
  if (authorization !== null) {
    const basic = parseBasic(authorization);
    if (secret !== null || (clientId !== null && clientId !== basic.clientId)) {
      throw twoMethods();
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
  if (secret === null) return { clientId, method: "none" };
  const digest = digestNow(secret);
  return { clientId, method: "client_secret_post", digest, unencodedDigest: digest };
}

function single(form: Readonly<Record<string, string | string[]>>, name: string): string | null {
  const value = form[name];
  return typeof value === "string" ? value : null;
}

function twoMethods(): OAuthError {
  return new OAuthError("invalid_request", "use only one client authentication method");
}

/** A form without the parameters that authenticate its client. */
export function withoutCredentials(
  form: Readonly<Record<string, string | string[]>>,
): Readonly<Record<string, string | string[]>> {
  const isCopied = "client_secret" in form || "client_assertion" in form ||
    "client_assertion_type" in form;
  if (!isCopied) return form; // as most: they authenticate in a header
  const { client_secret: _, client_assertion: __, client_assertion_type: ___, ...rest } = form;
  return rest;
}
