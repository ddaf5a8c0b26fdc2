import type { z } from "zod";
import type { AdminRequest } from "./admin_request.ts";
import { type FieldError, Problem } from "./problem.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The body as an object; without a body, an empty one. @throws {Problem} 400, 413, 415 */
export function jsonBody({ body }: AdminRequest): JsonObject {
  if (body.problem !== null) throw body.problem;
  if (body.text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(body.text, wellFormed);
  } catch (cause) {
    throw new Problem("invalid_request", "the body is not JSON", { cause });
  }
  if (isObject(value)) return value;
  throw new Problem("invalid_request", "the body must be a JSON object");
}

/** Half a character is no text, and no part of a key. @see RFC 7493 section 2.1 */
function wellFormed(name: string, value: unknown): unknown {
  if (name.isWellFormed() && (typeof value !== "string" || value.isWellFormed())) return value;
  throw new SyntaxError("a lone surrogate");
}

/** Holds what a caller wrote to a schema. @throws {Problem} 422, with each rule that it breaks */
export function validated<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(value, { error: ruleOf });
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.flatMap(errorsOf).slice(0, mostErrors));
}

const mostErrors = 20;

function errorsOf(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ pointer: pointerOf(issue.path), detail: issue.message }];
  }
  return issue.keys.slice(0, mostErrors).map((key) => ({
    pointer: pointerOf([...issue.path, key.slice(0, 64)]),
    detail: "is not known here",
  }));
}

/** @param errors at least one */
export function invalid(errors: readonly FieldError[]): Problem {
  const [first] = errors;
  const detail = `${first?.pointer || "the body"} ${first?.detail ?? "is not valid"}`;
  return new Problem("validation_failed", detail, { errors });
}

/**
 * What an object becomes by a merge patch.
 *
 * @see RFC 7396 section 2
 */
export function merged(target: unknown, patch: JsonObject, depth = 0): JsonObject {
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    // Nothing here is that deep: such a patch ends at the schema, and not with our stack.
    else if (isObject(value) && depth < 8) {
      members.set(name, merged(members.get(name), value, depth + 1));
    } else members.set(name, value);
  }
  // fromEntries defines members: one that is called __proto__ is a member, and nothing else.
  return Object.fromEntries(members);
}

/** Leaves out what is shown but never written, so that what was read can be sent back. */
export function writable(body: JsonObject, readOnly: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !readOnly.includes(name)));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @see RFC 6901 section 3 */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** A rule that goes on after the name of what breaks it, and never holds a value. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be of type ${issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return `must have at most ${issue.maximum}`;
    case "too_small":
      return `must have at least ${issue.minimum}`;
    default:
      return "is not valid";
  }
}
