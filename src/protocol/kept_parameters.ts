import { longestHint, parameterNames } from "./authorization_parameters.ts";
import type { RawParameters } from "./parameters.ts";

/** The most bytes that any stranger can store by one authorization request, without its `state`. */
const mostKept = 4096;
/** Some frameworks put all data that they need later into `state`, sealed. */
const longestState = 8192;

/** The parameters that this server knows. */
export const knownParameters: ReadonlySet<string> = new Set([
  ...parameterNames,
  "client_id",
  "redirect_uri",
  "response_mode",
  "state",
  // What stands for a whole request is never left out, so that no request is understood in part.
  "request",
  "request_uri",
]);

/**
 * The parameters of a request that are stored while the user signs in: those that this server knows.
 * Hints are stored only if they are short enough. An ID token is verified on arrival and not stored.
 * @see RFC 6749 section 3.1 (unrecognized parameters are ignored)
 */
export function keptParameters(raw: RawParameters): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const name in raw) {
    const value = raw[name];
    if (value === undefined || !knownParameters.has(name) || name === "id_token_hint") continue;
    if (name === "login_hint" && value.length > longestHint) continue;
    const isLong = name === "ui_locales" && typeof value === "string";
    // Keep one character more than fits: then the reader knows that the last tag may be cut, and drops it.
    kept[name] = isLong ? value.slice(0, longestHint + 1) : value;
  }
  return kept;
}

/** Why a request is too long to be stored; null: it is not. */
export function tooLongToKeep({ state = "", ...others }: RawParameters): string | null {
  if (storedSize({ state }) > longestState + 16) {
    return `state must not be longer than ${longestState} bytes`;
  }
  if (storedSize(others) <= mostKept) return null;
  return `the request without state must not be longer than ${mostKept} bytes`;
}

/** The estimated bytes of parameters in the store. */
function storedSize(parameters: RawParameters): number {
  let sum = 0;
  for (const name in parameters) {
    const values = parameters[name] ?? [];
    for (const value of typeof values === "string" ? [values] : values) {
      sum += sizeOf(name) + sizeOf(value) + 4;
    }
  }
  return sum;
}

/** The store uses two bytes for each character as soon as one character needs them. */
function sizeOf(text: string): number {
  return /^[\0-\xff]*$/.test(text) ? text.length : 2 * text.length;
}
