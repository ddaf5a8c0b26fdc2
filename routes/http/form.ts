import { OAuthError } from "../../src/protocol/errors.ts";
import { readBytes } from "./body.ts";

export type Parameters = Readonly<Record<string, string | string[]>>;

/**
 * Reads a form in which each parameter comes once; only `resource` may repeat.
 *
 * @throws {OAuthError} `invalid_request`: 400 if one comes twice, 413, 415
 * @see RFC 6749 section 3.2, RFC 8707 section 2
 */
export async function readForm(request: Request): Promise<Parameters> {
  const form = await readRepeatableForm(request);
  for (const [name, value] of Object.entries(form)) {
    if (Array.isArray(value) && name !== "resource") {
      throw new OAuthError("invalid_request", `${printable(name)} must come only once`);
    }
  }
  return form;
}

/** Like `readForm`, but a parameter that comes twice is left to the caller to refuse. */
export async function readRepeatableForm(request: Request): Promise<Parameters> {
  const [mediaType = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new OAuthError(
      "invalid_request",
      "the content type must be application/x-www-form-urlencoded",
      { status: 415 },
    );
  }
  return parseParameters(await readText(request));
}

/** Reads a URL's query. @throws {OAuthError} `invalid_request` */
export function readQuery(request: Request): Parameters {
  const start = request.url.indexOf("?");
  return start < 0 ? {} : parseParameters(request.url.slice(start + 1));
}

/** One parameter's value, if it came exactly once. */
export function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === "string" ? value : undefined;
}

async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new OAuthError("invalid_request", "the body is not UTF-8", { cause });
  }
}

function parseParameters(text: string): Parameters {
  try {
    // URLSearchParams replaces what is no UTF-8 by a character of its own; here that is an error.
    decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    throw new OAuthError("invalid_request", "the parameters are not percent-encoded UTF-8", {
      cause,
    });
  }
  const parameters: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = parameters[name];
    // A parameter without a value counts as omitted (RFC 6749 section 3.1).
    if (value === "") continue;
    if (before === undefined) parameters[name] = value;
    else parameters[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return parameters;
}

function printable(name: string): string {
  return /^[a-z_]{1,40}$/.test(name) ? name : "a parameter";
}
