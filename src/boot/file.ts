import { z } from "zod";
import { ConfigError } from "../config/config_error.ts";
import { InvalidEntry, placeOfJsonError, validEntry } from "../protocol/json_entry.ts";
import { type Entry, readers } from "./entries.ts";
import { type ListName, listNames, lists, parseFile } from "./lists.ts";

const list = z.array(z.unknown()).default([]);
const fileSchema = z.strictObject(
  {
    clients: list,
    custom_claims: list,
    authorization_detail_types: list,
    trusted_issuers: list,
    workload_issuers: list,
    groups: list,
    users: list,
    resources: list,
  } satisfies Record<ListName, unknown>,
);

/**
 * Reads the file of clients, claims, issuers, groups, users and resources to create at the start.
 * @param file its path, for error messages
 * @throws {ConfigError} about the first error; it names the place, and no secret
 */
export function parseBootstrapFile(file: string, text: string): Entry[] {
  const refuse = (problem: string): never => {
    throw new ConfigError("LATCHKEY_BOOTSTRAP", `names ${file}, ${problem}`);
  };
  const given = validOr(
    refuse,
    "which is wrong",
    () => validEntry(fileSchema, parsed(text, refuse)),
  );

  const entries: Entry[] = [];
  for (const list of listNames) {
    const seen = new Map<string, number>();
    given[list].forEach((written, index) => {
      const place = `whose entry ${list}[${index}]${named(written, lists[list].identity)}`;
      const entry = validOr(refuse, `${place} is wrong`, () => readers[list](written));
      const earlier = seen.get(entry.id);
      // Two entries with one id would overwrite each other at every start.
      if (earlier !== undefined) return refuse(`${place} is the same as ${list}[${earlier}]`);
      seen.set(entry.id, index);
      entries.push(entry);
    });
  }
  return entries;
}

function parsed(text: string, refuse: (problem: string) => never): unknown {
  try {
    return parseFile(text);
  } catch (error) {
    return refuse(`which is not JSON${placeOfJsonError(error)}`);
  }
}

/** Reads what must be valid, or refuses the file and names the first rule that is broken. */
function validOr<T>(refuse: (problem: string) => never, problem: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidEntry)) throw error;
    const [first] = error.rules;
    return refuse(`${problem}: ${first?.path.map(String).join(".") || "it"} ${first?.rule}`);
  }
}

function named(written: unknown, identity: string): string {
  const parsed = z.object({ [identity]: z.string().min(1).max(256) }).safeParse(written);
  return parsed.success ? ` (${parsed.data[identity]})` : "";
}
