import { z } from "zod";
import { formatCursor, parseCursor } from "../../../src/deps/cursor.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { JsonObject } from "../../../src/protocol/json_entry.ts";
import { type Answer, answer } from "./answer.ts";
import { Problem } from "../../http/problem.ts";

const limit = z.string().regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 200")
  .transform(Number).refine((count) => count <= 200, "must be a number from 1 to 200");

/** The parameters that every list takes. */
export const pageParameters = {
  limit: limit.optional(),
  cursor: z.string().max(4096).optional(),
};

/** A query of a list without filters. */
export const pageQuery = z.strictObject(pageParameters);
export type PageQuery = z.infer<typeof pageQuery>;

/** A list that is short enough for one page, whatever `limit` says. @throws {Problem} 400 */
export function wholeList({ cursor }: PageQuery, items: readonly unknown[]): Answer {
  if (cursor !== undefined) throw new Problem("invalid_request", "this list has only one page");
  return answer({ items, next_cursor: null });
}

/** A page as the store takes it. */
interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** What the store has for a page. */
interface FoundPage {
  readonly items: readonly JsonObject[];
  /** Where the next page begins; null: there is none. */
  readonly position: string | null;
}

/**
 * Answers with one page of a list.
 *
 * @param list names the list with its filters: a cursor belongs to them
 * @throws {Problem} 400 if the cursor belongs to another list
 */
export async function pageOf(
  deps: Deps,
  list: string,
  { limit = 50, cursor }: PageQuery,
  find: (page: PageRequest) => Promise<FoundPage>,
): Promise<Answer> {
  const kind = `admin ${list}`;
  const begin = cursor === undefined ? undefined : await parseCursor(deps, kind, cursor);
  if (begin === null) {
    throw new Problem("invalid_request", "the cursor belongs to another list or to other filters");
  }
  const { items, position } = await find(
    begin === undefined ? { limit } : { limit, cursor: begin },
  );
  const next = position === null ? null : await formatCursor(deps, kind, position);
  return answer({ items, next_cursor: next });
}
