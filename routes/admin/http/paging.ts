import { z } from "zod";
import { formatCursor, parseCursor } from "../../../src/deps/cursor.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import { InvalidEntry, validEntry } from "../../../src/protocol/json_entry.ts";
import { type Answer, answer } from "./answer.ts";
import { Problem, problemOf } from "../../http/problem.ts";
import type { AdminRequest, Query } from "./request.ts";

const limit = z.string().regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 200")
  .transform(Number).refine((count) => count <= 200, "must be a number from 1 to 200");

/** The parameters that every list takes. */
export const pageParameters = {
  limit: limit.default(50),
  cursor: z.string().max(4096).optional(),
};

/** A query of a list without filters. */
export const listQuery = z.strictObject(pageParameters);

/** A list that is short enough for one page, whatever `limit` says. @throws {Problem} 400 */
export function wholeList(request: Query, items: readonly unknown[]): Answer {
  const { cursor } = parseQuery(listQuery, request);
  if (cursor !== undefined) throw new Problem("invalid_request", "this list has only one page");
  return answer({ items, next_cursor: null });
}

/**
 * Reads a query. An unknown parameter is refused, and one without a value: a misspelt filter, or a script's
 * empty variable, would otherwise show everything.
 */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  request: Query,
): z.infer<Schema> {
  try {
    assertOneValueEach(request);
    return validEntry(schema, { ...request.query });
  } catch (error) {
    throw queryProblem(error);
  }
}

function assertOneValueEach({ query, emptyParameters }: Query) {
  const repeated = Object.keys(query).filter((name) => Array.isArray(query[name]));
  const faults: [readonly string[], string][] = [
    [emptyParameters, "has no value: give it one, or leave it out"],
    [repeated, "occurs more than once: give it once"],
  ];
  for (const [names, rule] of faults) {
    if (names.length === 0) continue;
    throw new InvalidEntry(names.map((name) => ({ path: [name.slice(0, 64)], rule })));
  }
}

/**
 * Refuses a query where none has a meaning. A caller with `?from=` or `?dry_run=` would believe that it counts.
 * Only a caller with access may learn of it.
 */
export function assertNoQuery({ meaningless }: AdminRequest) {
  if (meaningless !== null) parseQuery(z.strictObject({}), meaningless);
}

/**
 * Runs `read`, which checks the parameters of the query, so that an error in them is 400 and says where it is.
 * One without a value is refused, and one that occurs twice.
 */
export async function inQuery<T>(
  request: Query,
  read: (query: Query["query"]) => Promise<T>,
): Promise<T> {
  try {
    assertOneValueEach(request);
    return await read(request.query);
  } catch (error) {
    throw queryProblem(error);
  }
}

function queryProblem(error: unknown): unknown {
  if (!(error instanceof InvalidEntry)) return error;
  const { detail, errors } = problemOf(error);
  return new Problem("invalid_request", `in the query, ${detail}`, { errors });
}

/**
 * The cursor of a next page.
 *
 * @param list names the list with its filters
 * @param position null: there is no next page
 */
export async function cursorAt(
  deps: Deps,
  list: string,
  position: string | null,
): Promise<string | null> {
  return position === null ? null : await formatCursor(deps, `admin ${list}`, position);
}

/** Where a page begins; undefined: at the beginning. @throws {Problem} 400 */
export async function positionOf(
  deps: Deps,
  list: string,
  cursor: string | undefined,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined;
  const position = await parseCursor(deps, `admin ${list}`, cursor);
  if (position !== null) return position;
  throw new Problem("invalid_request", "the cursor belongs to another list or to other filters");
}

/** A position as the store takes it. */
export function from(position: string | undefined): { readonly cursor?: string } {
  return position === undefined ? {} : { cursor: position };
}
