import type { Config } from "../config/config.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { JsonObject } from "../protocol/json_entry.ts";
import {
  carriesTokens,
  holds,
  type ResponseType,
  responseTypeOf,
} from "../protocol/response_type.ts";

/**
 * The grant types and response types that a stranger's client gets of those that it sends: only what needs a
 * person, and what fits together. Others are left out, as RFC 7591 allows.
 *
 * @throws {OAuthError} `invalid_client_metadata` if no response type is left
 * @see RFC 7591 section 2.1
 */
export function grantsOf(
  { implicit }: Pick<Config, "implicit">,
  { grant_types: grants, response_types: responses }: JsonObject,
) {
  const usual = ["authorization_code", "refresh_token", ...(implicit ? ["implicit"] : [])];
  const isOn = (type: ResponseType) => type === "code" || implicit;
  const types = Array.isArray(responses) ? possibleResponses(responses, isOn) : null;
  const fitting = types?.some(carriesTokens) ? fittingGrants(grants, types) : grants;
  return {
    ...(Array.isArray(fitting)
      ? { grant_types: fitting.filter((name) => usual.includes(name)) }
      : {}),
    ...(types === null ? {} : { response_types: types }),
  };
}

/** The grant types of a client with tokens in its response types: `implicit`, and no code that it never gets. */
function fittingGrants(asked: unknown, types: readonly ResponseType[]): unknown {
  const hasCode = types.some((type) => holds(type, "code"));
  if (asked === undefined) return hasCode ? ["authorization_code", "implicit"] : ["implicit"];
  if (!Array.isArray(asked)) return asked; // refused later, with the other metadata
  const possible = asked.filter((name) => hasCode || name !== "authorization_code");
  return possible.includes("implicit") ? possible : [...possible, "implicit"];
}

/** A client that gets none of what it asks for could begin nothing; one that asks for nothing gets a code. */
function possibleResponses(
  asked: readonly unknown[],
  isOn: (type: ResponseType) => boolean,
): ResponseType[] {
  const possible = asked.map((name) => responseTypeOf(String(name)))
    .filter((type) => type !== null).filter(isOn);
  if (possible.length > 0) return possible;
  if (asked.length === 0) return ["code"];
  throw new OAuthError("invalid_client_metadata", "response_types must hold code");
}
