import { z } from "zod";
import {
  type Collection,
  isPresent,
  type Present,
  type Ref,
} from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import type { JsonObject } from "./json_body.ts";
import { cursorAt, pageParameters, parseQuery, positionOf } from "./paging.ts";
import { etagOf, isKnown } from "./preconditions.ts";
import { notFound } from "./problem.ts";

/** A family of records that the API shows. */
export interface Shown<T> {
  /** What one is called in a sentence. */
  readonly name: string;
  readonly collection: Collection<T>;
  show(entry: Present<T>): JsonObject;
}

/** Shows one record, with its ETag. @param at null: nothing can be called that */
export async function readRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  at: Ref<T> | null,
): Promise<Answer> {
  return await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, at);
    const headers = { ETag: etagOf(entry) };
    if (isKnown(request, entry)) return { status: 304, body: null, headers };
    return answer(shown.show(entry), headers);
  }, (tx) => tx.prefetch([at]));
}

/** A record that a step is about. @throws {Problem} 404 */
export async function existing<T>(
  tx: Transaction,
  { name }: Pick<Shown<T>, "name">,
  at: Ref<T> | null,
): Promise<Present<T>> {
  if (at === null) throw notFound(name);
  const { entry } = await tx.read({ entry: at });
  if (!isPresent(entry)) throw notFound(name);
  return entry;
}

const listQuery = z.strictObject(pageParameters);

/** Lists a family, a page at a time. */
export async function listRecords<T>(
  deps: Deps,
  request: AdminRequest,
  { collection, show }: Shown<T>,
): Promise<Answer> {
  await asAdministrator(deps, request, () => {});
  const { limit, cursor } = parseQuery(listQuery, request);
  const position = await positionOf(deps, collection.family, cursor);
  const page = await deps.kv.list({
    collection,
    limit,
    ...(position === undefined ? {} : { cursor: position }),
  });
  return answer({
    items: page.entries.map(show),
    next_cursor: await cursorAt(deps, collection.family, page.cursor),
  });
}

/**
 * Adds the ETag of what a step has written to its answer, unless somebody has changed it since: who
 * gets an ETag must have seen what it names.
 */
export async function withEtag<T>(
  deps: Deps,
  { show }: Shown<T>,
  at: Ref<T>,
  written: Answer,
): Promise<Answer> {
  const { entry } = await deps.kv.step(systemOrigin, (tx) => tx.read({ entry: at }));
  if (entry === null || !isPresent(entry)) return written;
  const now = show(entry);
  const told = Object.fromEntries(Object.keys(now).map((name) => [name, written.body?.[name]]));
  if (canonicalJson(now) !== canonicalJson(told)) return written;
  return { ...written, headers: { ...written.headers, ETag: etagOf(entry) } };
}
