import {
  type Collection,
  isPresent,
  type Present,
  type Ref,
} from "../../../stores/engine/collection.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import { NotFound } from "../../../src/admin/errors.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { JsonObject } from "../../../src/protocol/json_entry.ts";
import { type Answer, answer } from "./answer.ts";
import type { Endpoint } from "./endpoints.ts";
import { pageOf, type PageQuery } from "./paging.ts";
import { etagOf, isKnown } from "./preconditions.ts";
import type { AdminRequest } from "./request.ts";

/** A family of records as the API shows it. */
export interface Shown<T> {
  /** The word for one record in a sentence. */
  readonly name: string;
  /** Where the records are, such as `/api/v1/users`. */
  readonly path: string;
  /** The member of a shown record that is its id. */
  readonly idMember: string;
  readonly collection: Collection<T>;
  /** Members that are shown, and that a change cannot set. Default: none. */
  readonly readOnly?: readonly string[];
  /** Null: no record can have this id. */
  refOf(id: string): Ref<T> | null;
  /**
   * @param id of what is shown: a record may hold several
   * @param provider for what follows from it, too
   * @throws {NotFound} if the record holds no such one
   */
  show(entry: Present<T>, id: string, provider: Provider): JsonObject;
  /** Whether what is shown is not of the record, as an issuer of the environment. Default: never. */
  isElsewhere?(entry: Present<T>, id: string): boolean;
  /**
   * The record as it will be, if a patch changes more than it names. Default: `wanted`.
   *
   * @param change.now as it is shown
   * @param change.wanted with the patch
   */
  afterPatch?(change: Readonly<Record<"now" | "wanted" | "patch", JsonObject>>): JsonObject;
  /**
   * Whether what is shown of this record changes with the record about the server, too. Its own ETag does
   * not tell then that a caller has it already. Default: never.
   */
  followsProvider?(record: T): boolean;
}

/** The endpoint that shows one record, with its ETag. */
export function reading<T>(shown: Shown<T>): Endpoint {
  return async (_deps, request, id) => {
    const at = shown.refOf(id);
    return await request.step(async (tx) => {
      const entry = await existing(tx, shown.name, at);
      const show = () => shown.show(entry, id, providers.fetched(tx));
      return shown.followsProvider?.(entry.value)
        ? answer(show(), { ETag: etagOf(entry) })
        : shownWithEtag(request, entry, show);
    }, (tx) => tx.prefetch([at]));
  };
}

/** Shows a record that was read in the step; 304 if the caller already has it. */
export function shownWithEtag<T>(
  request: AdminRequest,
  entry: Present<T>,
  show: (entry: Present<T>) => JsonObject,
): Answer {
  const headers = { ETag: etagOf(entry) };
  if (isKnown(request, entry)) return { status: 304, body: null, headers };
  return answer(show(entry), headers);
}

/** Reads the record that a step is about. @param name the word for it @throws {NotFound} */
export async function existing<T>(
  tx: Transaction,
  name: string,
  at: Ref<T> | null,
): Promise<Present<T>> {
  if (at === null) throw new NotFound(name);
  const { entry } = await tx.read({ entry: at });
  if (!isPresent(entry)) throw new NotFound(name);
  return entry;
}

/** The endpoint that lists a family, one page at a time. */
export function listing<T>(shown: Shown<T>): Endpoint<PageQuery> {
  return async (deps, request) => {
    const { page, provider } = await request.step((tx, { query: page }) => {
      return { page, provider: providers.fetched(tx) };
    });
    return await pageOfRecords(deps, shown, page, provider);
  };
}

export function pageOfRecords<T>(
  deps: Deps,
  { collection, show }: Shown<T>,
  page: PageQuery,
  provider: Provider,
): Promise<Answer> {
  return pageOf(deps, collection.family, page, async (page) => {
    const { entries, cursor } = await deps.kv.list({ collection, ...page });
    const items = entries.map((entry) => show(entry, String(entry.ref.key.at(-1)), provider));
    return { items, position: cursor };
  });
}
