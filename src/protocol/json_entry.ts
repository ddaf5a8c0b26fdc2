import type { z } from "zod";

/** A JSON object whose members are not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One rule that an entry breaks. */
export interface BrokenRule {
  /** The names and indexes that lead to the wrong value. Empty: the whole entry is wrong. */
  readonly path: readonly PropertyKey[];
  /** The end of a sentence that begins with the place. It never contains a value. */
  readonly rule: string;
}

/** An entry that breaks its schema, or a rule that needs more than a schema. */
export class InvalidEntry extends Error {
  override readonly name = "InvalidEntry";

  /** @param rules at least one */
  constructor(readonly rules: readonly BrokenRule[]) {
    super(rules.map(({ path, rule }) => `${path.map(String).join(".")} ${rule}`).join("; "));
  }
}

/** The error for one member that breaks a rule. */
export function invalidMember(name: string, rule: string): InvalidEntry {
  return new InvalidEntry([{ path: [name], rule }]);
}

/** Where a text is not JSON, as `, at line 1 column 30`; empty: unknown. The message itself may quote secrets. */
export function placeOfJsonError(error: unknown): string {
  const message = error instanceof SyntaxError ? error.message : "";
  const place = /line \d+ column \d+/.exec(message)?.[0];
  return place === undefined ? "" : `, at ${place}`;
}

/**
 * Parses JSON that somebody wrote. Half a surrogate pair is refused: it is no character, and it cannot be
 * part of a key.
 *
 * @throws {SyntaxError} its message may quote the text, which can contain secrets
 * @see RFC 7493 section 2.1
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (name: string, value: unknown) => {
    if (name.isWellFormed() && (typeof value !== "string" || value.isWellFormed())) return value;
    throw new SyntaxError("a lone surrogate");
  });
}

/** Parses JSON from outside; null if it is invalid, which a schema then refuses. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Checks an entry against its schema. @throws {InvalidEntry} with the rules that it breaks */
export function validEntry<Schema extends z.ZodType>(
  schema: Schema,
  written: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(written, { error: ruleOf });
  if (parsed.success) return parsed.data;
  throw new InvalidEntry(parsed.error.issues.flatMap(rulesOf).slice(0, mostRules));
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const mostRules = 20;

function rulesOf(issue: z.core.$ZodIssue): BrokenRule[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, rule: issue.message }];
  return issue.keys.slice(0, mostRules).map((key) => ({
    path: [...issue.path, key.slice(0, 64)],
    rule: "is not known here",
  }));
}

/** The message for an issue that has none of its own in the schema. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be of type ${issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return `must ${size("at most", issue.maximum, issue.origin)}`;
    case "too_small":
      return `must ${size("at least", issue.minimum, issue.origin)}`;
    default:
      return "is not valid";
  }
}

/** @param of the type of what is too large or too small */
function size(bound: string, limit: number | bigint, of: string): string {
  switch (of) {
    case "string":
      return `have ${bound} ${limit} characters`;
    case "array":
      return `have ${bound} ${limit} ${Number(limit) === 1 ? "item" : "items"}`;
    default:
      return `be ${bound} ${limit}`;
  }
}
