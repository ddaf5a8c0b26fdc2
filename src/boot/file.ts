import { z } from "zod";
import { folded } from "../identifiers/folding.ts";
import { ConfigError } from "../config/config.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { type Entry, kinds } from "./entries.ts";

const fileSchema = z.strictObject({
  clients: z.array(z.unknown()).default([]),
  users: z.array(z.unknown()).default([]),
  resources: z.array(z.unknown()).default([]),
});

/**
 * Reads the file of clients, users and resources to create at the start.
 * @param file its path, for error messages
 * @throws {ConfigError} about the first error; it names the place, and no secret
 */
export function parseBootstrapFile(file: string, text: string): Entry[] {
  const refuse = (problem: string): never => {
    throw new ConfigError("LATCHKEY_BOOTSTRAP", `names ${file}, ${problem}`);
  };
  const lists = fileSchema.safeParse(parseJson(text, refuse), { error: ruleOf });
  if (!lists.success) return refuse(`which is wrong: ${firstProblem(lists.error)}`);

  const entries: Entry[] = [];
  for (const list of ["clients", "users", "resources"] as const) {
    const seen = new Map<string, number>();
    lists.data[list].forEach((written, index) => {
      const place = `whose entry ${list}[${index}]${named(written, kinds[list].identity)}`;
      const entry = readEntry(list, written);
      if (entry instanceof z.ZodError) return refuse(`${place} is wrong: ${firstProblem(entry)}`);
      const earlier = seen.get(entry.id);
      // Two entries with one id would overwrite each other at every start.
      if (earlier !== undefined) return refuse(`${place} is the same as ${list}[${earlier}]`);
      seen.set(entry.id, index);
      entries.push(entry);
    });
  }
  return entries;
}

function parseJson(text: string, refuse: (problem: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message itself may quote the text, which can hold secrets.
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : "")?.[0];
    return refuse(`which is not JSON${place === undefined ? "" : `, at ${place}`}`);
  }
}

function readEntry(list: keyof typeof kinds, written: unknown): Entry | z.ZodError {
  const content = canonicalJson(written);
  switch (list) {
    case "clients": {
      const { kind, schema } = kinds[list];
      const { data: value, error } = schema.safeParse(written, { error: ruleOf });
      return value ? { kind, id: value.client_id, content, value } : error;
    }
    case "users": {
      const { kind, schema } = kinds[list];
      const { data: value, error } = schema.safeParse(written, { error: ruleOf });
      return value ? { kind, id: folded(value.username), content, value } : error;
    }
    case "resources": {
      const { kind, schema } = kinds[list];
      const { data: value, error } = schema.safeParse(written, { error: ruleOf });
      return value ? { kind, id: value.resource, content, value } : error;
    }
  }
}

function named(written: unknown, identity: string): string {
  const parsed = z.object({ [identity]: z.string().min(1).max(256) }).safeParse(written);
  return parsed.success ? ` (${parsed.data[identity]})` : "";
}

function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map(String).join(".");
  return path === "" ? `it ${issue?.message}` : `${path} ${issue?.message}`;
}

/** The rule that is broken, as the end of a sentence. It never holds a value. */
function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be of type ${issue.expected}`;
    case "unrecognized_keys":
      return `has an unknown member, ${issue.keys.join(", ")}`;
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
