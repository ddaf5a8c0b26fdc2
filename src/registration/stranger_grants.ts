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
 * person. Others are left out, as RFC 7591 allows.
 *
 * @throws {OAuthError} `invalid_client_metadata` if no response type is left
 */
export function grantsOf(
  { implicit }: Pick<Config, "implicit">,
  { grant_types: grants, response_types: responses }: JsonObject,
) {
  const usual = ["authorization_code", "refresh_token", ...(implicit ? ["implicit"] : [])];
  const isOn = (type: ResponseType) => type === "code" || implicit;
  const types = Array.isArray(responses) ? possibleResponses(responses, isOn) : null;
  const fitting = grants === undefined && types?.some(carriesTokens) ? grantsFor(types) : grants;
  return {
    ...(Array.isArray(fitting)
      ? { grant_types: fitting.filter((name) => usual.includes(name)) }
      : {}),
    ...(types === null ? {} : { response_types: types }),
  };
}

/** The grant types of a client that names only response types. @see RFC 7591 section 2.1 */
function grantsFor(types: readonly ResponseType[]): string[] {
  return types.some((type) => holds(type, "code"))
    ? ["authorization_code", "implicit"]
    : ["implicit"];
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
