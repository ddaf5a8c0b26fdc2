import { canonicalJson } from "../../../src/crypto/canonical_json.ts";
import {
  InvalidEntry,
  isJsonObject,
  type JsonObject,
  parseJson,
  placeOfJsonError,
} from "../../../src/protocol/json_entry.ts";
import { Problem } from "../../http/problem.ts";
import type { AdminRequest } from "./request.ts";

/** The body as an object. No body is an empty object. @throws {Problem} 400, 413, 415 */
export function jsonBody({ body }: AdminRequest): JsonObject {
  if (body.problem !== null) throw body.problem;
  if (body.text === "") return {};
  let value: unknown;
  try {
    value = parseJson(body.text);
  } catch (cause) {
    throw new Problem("invalid_request", `the body is not JSON${placeOfJsonError(cause)}`, {
      cause,
    });
  }
  if (isJsonObject(value)) return value;
  throw new Problem("invalid_request", "the body must be a JSON object");
}

/**
 * Applies a merge patch to a record as it is shown. A patch names only what it changes, so one that would
 * change a read-only member is refused: its sender would believe that it was changed.
 *
 * @throws {InvalidEntry}
 * @see RFC 7396 section 2
 */
export function patched(
  shown: JsonObject,
  patch: JsonObject,
  readOnly: readonly string[],
): JsonObject {
  const wanted = merged(shown, patch);
  const changed = readOnly.filter((name) =>
    canonicalJson(wanted[name] ?? null) !== canonicalJson(shown[name] ?? null)
  );
  if (changed.length === 0) return wanted;
  throw new InvalidEntry(changed.map((name) => ({ path: [name], rule: "cannot be changed here" })));
}

function merged(target: unknown, patch: JsonObject, depth = 0): JsonObject {
  const members = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    // No record is nested that deeply. The schema refuses such a patch; the limit protects our stack.
    else if (isJsonObject(value) && depth < 8) {
      members.set(name, merged(members.get(name), value, depth + 1));
    } else members.set(name, value);
  }
  // fromEntries defines members, so a member called __proto__ is an ordinary one.
  return Object.fromEntries(members);
}

/** Removes the members that are shown but cannot be written, so that a record can be sent back as read. */
export function writable(body: JsonObject, readOnly: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !readOnly.includes(name)));
}
