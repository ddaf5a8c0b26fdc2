import { longestHint, parameterNames } from "./authorization_parameters.ts";
import type { RawParameters } from "./parameters.ts";

/** What any stranger may have stored by one authorization request, in bytes, beside its `state`. */
const mostKept = 4096;
/** Some frameworks put all that they need afterwards into `state`, sealed. */
const longestState = 8192;

const known: ReadonlySet<string> = new Set([
  ...parameterNames,
  "client_id",
  "redirect_uri",
  "response_mode",
  "state",
  // Refused wherever they are read, so that nobody takes the rest for the whole request.
  "request",
  "request_uri",
]);

/**
 * What of a request is kept while its person signs in: the parameters that this server knows. Of hints
 * only those that are short enough to be used; and no ID token, which is verified when it comes.
 *
 * @see RFC 6749 section 3.1 (unrecognized parameters are ignored)
 */
export function keptParameters(raw: RawParameters): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (!known.has(name) || name === "id_token_hint") continue;
    if (name === "login_hint" && value.length > longestHint) continue;
    const isLong = name === "ui_locales" && typeof value === "string";
    // One character more than fits: the last tag may be cut, and whoever reads it drops that one.
    kept[name] = isLong ? value.slice(0, longestHint + 1) : value;
  }
  return kept;
}

/** Why a request is too long to be kept; null: it is not. */
export function tooLongToKeep({ state = "", ...others }: RawParameters): string | null {
  if (storedSize({ state }) > longestState + 16) {
    return `state must not be longer than ${longestState} bytes`;
  }
  if (storedSize(others) <= mostKept) return null;
  return `the request without state must not be longer than ${mostKept} bytes`;
}

/** How many bytes parameters take in the store, about. */
function storedSize(parameters: RawParameters): number {
  return Object.entries(parameters)
    .flatMap(([name, values]) => [values].flat().map((value) => sizeOf(name) + sizeOf(value) + 4))
    .reduce((sum, size) => sum + size, 0);
}

/** The store writes a text with two bytes a character as soon as one of them needs it. */
function sizeOf(text: string): number {
  return /^[\0-\xff]*$/.test(text) ? text.length : 2 * text.length;
}
