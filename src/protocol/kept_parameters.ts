import { apart, wordsApart } from "../identifiers/apart.ts";
import { isAcr } from "./acr.ts";
import { longestHint, parameterNames } from "./authorization_parameters.ts";
import type { RawParameters } from "./parameters.ts";

/** The most bytes that any stranger can store by one authorization request, without its `state`. */
const mostKept = 4096;
/** Some frameworks put all data that they need later into `state`, sealed. */
const longestState = 8192;
/**
 * The most characters of a `state` in a URL, where a letter beyond ASCII takes six or nine. It returns in
 * a `Location` header, and proxies and clients drop an answer with more than 16 KB of headers.
 */
const longestStateInUrl = 12_288;

/** The parameters that this server knows. */
export const knownParameters: ReadonlySet<string> = new Set([
  ...parameterNames,
  "client_id",
  "redirect_uri",
  "response_mode",
  "state",
  // These stand for a whole request. They are never left out, so that no request is understood in part.
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
    const short = typeof value === "string" && value.length > longestHint
      ? shortened(name, value)
      : value;
    if (short !== null) kept[name] = short;
  }
  return kept;
}

/** What is stored of a long value; null: nothing. Only hints are shortened. */
function shortened(name: string, value: string): string | null {
  switch (name) {
    case "login_hint":
    case "display":
      return null;
    case "ui_locales":
      // One character more than fits: then the reader knows that the last tag may be cut, and drops it.
      return apart(value.slice(0, longestHint + 1));
    case "acr_values":
      return [...new Set(wordsApart(value).filter(isAcr))].join(" ") || null;
    default:
      return value;
  }
}

/**
 * Why a request is too long to be stored; null: it is not. A pushed `id_token_hint` counts by itself,
 * because one that is long was verified.
 */
export function tooLongToKeep(parameters: RawParameters): string | null {
  const { state } = parameters;
  if (typeof state === "string" && isLongInUrl(state)) return tooLongInUrl;
  let others = 0;
  for (const name in parameters) {
    const size = storedSize(name, parameters[name]);
    if (name !== "state" && name !== "id_token_hint") others += size;
    else if (size > storedSize(name, "") + longestState) {
      return `${name} must not be longer than ${longestState} bytes`;
    }
  }
  if (others <= mostKept) return null;
  return `the request without state must not be longer than ${mostKept} bytes`;
}

/** Whether a `state` is too long to be stored, with whichever request it comes. */
export function isLongState(state: string): boolean {
  return sizeOf(state) > longestState || isLongInUrl(state);
}

/** Whether no redirect can return a `state`. */
export function isLongInUrl(state: string): boolean {
  if (9 * state.length <= longestStateInUrl) return false;
  // As a redirect has it, which encodes more of ASCII than `encodeURIComponent` does: "~" takes three.
  return `${new URLSearchParams({ "": state })}`.length - 1 > longestStateInUrl;
}

export const tooLongInUrl =
  `state must not be longer than ${longestStateInUrl} characters in a URL, where it is percent-encoded`;

/** The estimated bytes of a parameter in the store. */
function storedSize(name: string, values: string | readonly string[] = []): number {
  if (typeof values === "string") return sizeOf(name) + sizeOf(values) + 4;
  return values.reduce((sum, value) => sum + storedSize(name, value), 0);
}

/** The store uses two bytes for each character as soon as one character needs them. */
function sizeOf(text: string): number {
  return /^[\0-\xff]*$/.test(text) ? text.length : 2 * text.length;
}
