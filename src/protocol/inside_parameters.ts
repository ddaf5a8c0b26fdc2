import { knownParameters } from "./kept_parameters.ts";
import { OAuthError } from "./errors.ts";
import type { RawParameters } from "./parameters.ts";

/** Parameters that are JSON themselves: inside an object they are values, not texts. */
const json = ["authorization_details", "claims"];
const numbers = ["max_age", "requested_expiry"];
const lists = ["resource"];

/**
 * The parameters in the claims of a request object. What this server does not know, or has no value, is left
 * out (RFC 6749 section 3.1), and a known parameter of a wrong type is refused, so that a request is never
 * understood in part.
 *
 * @param known the parameters of the endpoint; by default those of an authorization request
 * @throws {OAuthError} `invalid_request_object`
 * @see RFC 9101 section 4, OpenID Connect Core section 6.1
 */
export function insideParameters(
  claims: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string> = knownParameters,
): RawParameters {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(claims)) {
    if (!known.has(name) || value === "" || value === null) continue;
    // RFC 9101 section 4: an object inside an object could go on for ever.
    if (name === "request" || name === "request_uri") throw refused(`it must not have ${name}`);
    found[name] = parameterOf(name, value);
  }
  return found;
}

function parameterOf(name: string, value: unknown): string | string[] {
  if (typeof value === "string") return value;
  if (numbers.includes(name) && Number.isSafeInteger(value)) return String(value);
  if (json.includes(name) && typeof value === "object" && value !== null) {
    return JSON.stringify(value);
  }
  if (lists.includes(name) && Array.isArray(value)) {
    const texts = value.filter((one) => typeof one === "string");
    if (texts.length === value.length && texts.length > 0) return texts;
  }
  throw refused(`its ${name} has a wrong type`);
}

function refused(problem: string): OAuthError {
  return new OAuthError("invalid_request_object", `the request object is refused: ${problem}`);
}
