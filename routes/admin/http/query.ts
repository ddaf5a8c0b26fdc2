import { z } from "zod";
import { InvalidEntry, validEntry } from "../../../src/protocol/json_entry.ts";
import { Problem, problemOf } from "../../http/problem.ts";

/** The query of a request. Nothing in it is checked yet. */
export interface Query {
  readonly query: Readonly<Record<string, string | string[]>>;
  /** The names of parameters without a value, which `query` lacks. */
  readonly emptyParameters: readonly string[];
}

/** The query of an endpoint where none has a meaning. A caller with `?dry_run=` would believe that it counts. */
export const noQuery = z.strictObject({});

/** A query whose parameters the endpoint checks by itself. Each has one value. */
export const anyQuery = z.custom<Readonly<Record<string, string>>>();

/**
 * Reads a query. An unknown parameter is refused, and one without a value: a misspelt filter, or a script's
 * empty variable, would otherwise show everything.
 *
 * @throws {Problem} 400
 */
export function parseQuery<T>(schema: z.ZodType<T>, { query, emptyParameters }: Query): T {
  try {
    const repeated = Object.keys(query).filter((name) => Array.isArray(query[name]));
    refuseEach(emptyParameters, "has no value: give it one, or leave it out");
    refuseEach(repeated, "occurs more than once: give it once");
    return validEntry(schema, { ...query });
  } catch (error) {
    throw inQuery(error);
  }
}

function refuseEach(names: readonly string[], rule: string) {
  if (names.length === 0) return;
  throw new InvalidEntry(names.map((name) => ({ path: [name.slice(0, 64)], rule })));
}

/** An error in a parameter as 400 that says where it is; every other error as it is. */
export function inQuery(error: unknown): unknown {
  if (!(error instanceof InvalidEntry)) return error;
  const { detail, errors } = problemOf(error);
  return new Problem("invalid_request", `in the query, ${detail}`, { errors });
}
