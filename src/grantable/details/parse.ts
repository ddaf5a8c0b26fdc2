import { mostLocations } from "../../../stores/authorization_detail_types.ts";
import { longestResource } from "../../../stores/resources.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../protocol/json_entry.ts";
import { refusedDetails } from "./locations.ts";

/** Characters of the parameter. */
const longest = 3072;
const most = 8;

/** One of the details as it was sent. Only its form is checked. */
export interface SentDetail {
  readonly type: string;
  /** Null: it names none. */
  readonly locations: readonly string[] | null;
  readonly fields: JsonObject;
}

/**
 * Reads the parameter `authorization_details`.
 *
 * @throws {OAuthError} `invalid_authorization_details`
 * @see RFC 9396 section 2
 */
export function parseDetails(text: string): SentDetail[] {
  if (text.length > longest) throw refusedDetails(`must have at most ${longest} characters`);
  const list = jsonOf(text);
  if (!Array.isArray(list)) throw refusedDetails("must be a JSON array");
  if (list.length === 0) throw refusedDetails("must have at least one object");
  if (list.length > most) throw refusedDetails(`must have at most ${most} objects`);
  return list.map(sentDetail);
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refusedDetails("must be JSON");
    throw error;
  }
}

function sentDetail(written: unknown): SentDetail {
  if (!isJsonObject(written)) throw refusedDetails("must have objects only");
  const { type, locations, ...fields } = written;
  if (typeof type !== "string") throw refusedDetails("has an object without a type");
  if (locations === undefined) return { type, locations: null, fields };
  const isList = isTexts(locations) && locations.length > 0 && locations.length <= mostLocations;
  if (!isList || locations.some((one) => one.length > longestResource)) {
    throw refusedDetails(`has locations that are not one to ${mostLocations} resources`);
  }
  return { type, locations: [...new Set(locations)], fields };
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
