import { z } from "zod";
import { formatCursor, parseCursor } from "../deps/cursor.ts";
import type { Deps } from "../deps/deps.ts";
import type { AdminRequest } from "./admin_request.ts";
import { validated } from "./json_body.ts";
import { Problem } from "./problem.ts";

const limit = z.string().regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 200")
  .transform(Number).refine((count) => count <= 200, "must be a number from 1 to 200");

/** What the query of every list may hold. */
export const pageParameters = {
  limit: limit.default(50),
  cursor: z.string().max(4096).optional(),
};

/** Reads a query; what is not known is refused, lest a misspelt filter show everything. */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  { query }: AdminRequest,
): z.infer<Schema> {
  try {
    return validated(schema, { ...query });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail, errors } = error;
    throw new Problem("invalid_request", `in the query, ${detail}`, { errors });
  }
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
  throw new Problem("invalid_request", "cursor is not one of this list, with these filters");
}
