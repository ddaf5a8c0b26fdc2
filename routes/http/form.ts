import { apart } from "../../src/identifiers/apart.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { readBytes } from "./body.ts";

export type Parameters = Readonly<Record<string, string | string[]>>;

/** @see RFC 8707 section 2, RFC 8693 section 2.1 */
const repeatable = ["resource", "audience"];

/**
 * Reads a form in which each parameter occurs once. Only `resource` and `audience` may repeat.
 *
 * @throws {OAuthError} `invalid_request`: 400 if one occurs twice, 413, 415
 * @see RFC 6749 section 3.2
 */
export function readForm(request: Request): Promise<Parameters> {
  return readRepeatableForm(request).then(withoutRepeats);
}

function withoutRepeats(form: Parameters): Parameters {
  for (const name in form) {
    if (Array.isArray(form[name]) && !repeatable.includes(name)) {
      throw new OAuthError("invalid_request", `${printable(name)} must occur only once`);
    }
  }
  return form;
}

/**
 * Like `readForm`, but the caller must refuse a parameter that occurs twice. Neither is an async function:
 * each that waits for a body takes half a kilobyte, and slow senders let a thousand bodies wait.
 */
export function readRepeatableForm(request: Request): Promise<Parameters> {
  if (isForm(request.headers.get("content-type"))) return readBytes(request).then(parametersIn);
  const description = "the content type must be application/x-www-form-urlencoded";
  return Promise.reject(new OAuthError("invalid_request", description, { status: 415 }));
}

const formType = "application/x-www-form-urlencoded";

function isForm(contentType: string | null): boolean {
  if (contentType === formType) return true;
  return contentType?.split(";")[0]?.trim().toLowerCase() === formType;
}

/** Reads a URL's query. @throws {OAuthError} `invalid_request` */
export function readQuery(request: Request): Parameters {
  return parseParameters(queryOf(request));
}

/** The names of a query's parameters without a value. @throws {OAuthError} `invalid_request` */
export function emptyParameters(request: Request): string[] {
  const pairs = queryOf(request).split("&").filter((pair) => pair !== "" && hasNoValue(pair));
  return pairs.map((pair) => decoded(pair.replace("=", "")));
}

function queryOf({ url }: Request): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start + 1);
}

function hasNoValue(pair: string, equals = pair.indexOf("=")): boolean {
  return equals < 0 || equals === pair.length - 1;
}

/** The value of a parameter that occurs exactly once. */
export function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === "string" ? value : undefined;
}

/** What the user of a form that asks has decided. @throws {OAuthError} `invalid_request` */
export function decisionIn(form: Parameters): "allow" | "deny" {
  const decision = single(form, "decision");
  if (decision === "allow" || decision === "deny") return decision;
  throw new OAuthError("invalid_request", "decision must be allow or deny");
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parametersIn(bytes: Uint8Array): Parameters {
  return parseParameters(textOf(bytes));
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new OAuthError("invalid_request", "the body is not UTF-8", { cause });
  }
}

/** More than any form of ours or request of a client has: each pair costs time before a limit counts it. */
const mostPairs = 200;

/**
 * Parses the encoding of forms and queries. URLSearchParams would replace bytes that are not UTF-8 by a
 * special character. Here they are an error.
 *
 * @throws {OAuthError} `invalid_request`, also if there are too many
 * @see the URL standard, section 5.1 (application/x-www-form-urlencoded parsing)
 */
function parseParameters(text: string): Parameters {
  const parameters: Record<string, string | string[]> = Object.create(null);
  const pairs = text.split("&", mostPairs + 1);
  if (pairs.length > mostPairs) {
    throw new OAuthError("invalid_request", `the request has more than ${mostPairs} parameters`);
  }
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    // A parameter without a value counts as omitted (RFC 6749 section 3.1).
    if (hasNoValue(pair, equals)) {
      decoded(pair);
      continue;
    }
    const name = decoded(pair.slice(0, equals));
    const value = decoded(pair.slice(equals + 1));
    const before = parameters[name];
    if (before === undefined) parameters[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else parameters[name] = [before, value];
  }
  return parameters;
}

/** @throws {OAuthError} `invalid_request` */
function decoded(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return apart(spaced);
  try {
    return apart(decodeURIComponent(spaced));
  } catch (cause) {
    throw new OAuthError("invalid_request", "the parameters are not percent-encoded UTF-8", {
      cause,
    });
  }
}

function printable(name: string): string {
  return /^[a-z_]{1,40}$/.test(name) ? name : "a parameter";
}
