import {
  type Collection,
  isPresent,
  type Present,
  type Ref,
} from "../../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import { NotFound } from "../../../src/admin/errors.ts";
import { canonicalJson } from "../../../src/crypto/canonical_json.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { JsonObject } from "../../../src/protocol/json_entry.ts";
import { type Answer, answer, done } from "./answer.ts";
import type { Endpoint } from "./endpoints.ts";
import { type AssertStillTrue, once } from "./idempotency.ts";
import { jsonBody, patched, writable } from "./json_body.ts";
import { cursorAt, from, listQuery, parseQuery, positionOf } from "./paging.ts";
import { assertMatch, assertMatchIfGiven, etagOf, isKnown } from "./preconditions.ts";
import type { AdminRequest } from "./request.ts";
import { asAdministrator } from "./steps.ts";

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
  /**
   * Whether what is shown of this record changes with the record about the server, too. Its own ETag does
   * not tell then that a caller has it already. Default: never.
   */
  followsProvider?(record: T): boolean;
}

/** The endpoint that shows one record, with its ETag. */
export function reading<T>(shown: Shown<T>): Endpoint {
  return async (deps, request, id) => {
    const at = shown.refOf(id);
    return await asAdministrator(deps, request, async (tx) => {
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
export function listing<T>({ collection, show }: Shown<T>): Endpoint {
  return async (deps, request) => {
    const provider = await asAdministrator(deps, request, providers.fetched);
    const { limit, cursor } = parseQuery(listQuery, request);
    const position = await positionOf(deps, collection.family, cursor);
    const page = await deps.kv.list({ collection, limit, ...from(position) });
    return answer({
      items: page.entries.map((entry) => show(entry, String(entry.ref.key.at(-1)), provider)),
      next_cursor: await cursorAt(deps, collection.family, page.cursor),
    });
  };
}

/** @param work creates the record, and returns it as the answer shows it */
export async function createRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  work: (tx: Transaction, body: JsonObject) => Promise<JsonObject>,
  assertStillTrue?: AssertStillTrue,
): Promise<Answer> {
  const created = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const body = await work(tx, jsonBody(request));
        const id = encodeURIComponent(String(body[shown.idMember]));
        return answer(body, { Location: `${shown.path}/${id}` }, 201);
      }, assertStillTrue),
  );
  return await afterCommit(deps, shown, created, assertStillTrue);
}

/** `replace`: the body is the whole record. `merge`: the body has only the changes. */
export type UpdateKind = "replace" | "merge";

/**
 * Changes a record whose current state the caller has seen.
 *
 * @param work changes it to what it is given, and returns it as the answer shows it
 */
export async function updateRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  { id, kind }: { readonly id: string; readonly kind: UpdateKind },
  work: (
    tx: Transaction,
    entry: Present<T>,
    wanted: JsonObject,
  ) => JsonObject | Promise<JsonObject>,
): Promise<Answer> {
  const written = await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown.name, shown.refOf(id));
    assertMatch(request, entry);
    const body = jsonBody(request);
    const { readOnly = [] } = shown;
    const wanted = kind === "merge"
      ? patched(shown.show(entry, id, providers.fetched(tx)), body, readOnly)
      : body;
    return answer(await work(tx, entry, writable(wanted, readOnly)));
  });
  return await afterCommit(deps, shown, written);
}

/** Does something else to a record, once for each `Idempotency-Key`. */
export async function actOnRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  id: string,
  work: (tx: Transaction, entry: Present<T>) => Promise<JsonObject>,
  assertStillTrue?: AssertStillTrue,
): Promise<Answer> {
  const written = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const entry = await existing(tx, shown.name, shown.refOf(id));
        assertMatchIfGiven(request, entry);
        return answer(await work(tx, entry));
      }, assertStillTrue),
  );
  return await afterCommit(deps, shown, written, assertStillTrue);
}

/** Deletes a record whose current state the caller has seen. */
export async function deleteRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  id: string,
  work: (tx: Transaction, entry: Present<T>) => void,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown.name, shown.refOf(id));
    assertMatch(request, entry);
    work(tx, entry);
  });
  return done;
}

/**
 * Adds the ETag of the written record to its answer, unless the record has changed since: a caller must
 * get the ETag only of a state that the answer shows.
 */
async function afterCommit<T>(
  deps: Deps,
  { idMember, refOf, show }: Shown<T>,
  written: Answer,
  assertStillTrue?: AssertStillTrue,
): Promise<Answer> {
  const id = String(written.body?.[idMember]);
  const at = refOf(id);
  const { entry, provider } = await deps.kv.step(systemOrigin, async (tx) => {
    await assertStillTrue?.(tx, written);
    return await providers.read(tx, { entry: at });
  });
  if (entry === null || !isPresent(entry)) return written;
  const now = unlessNotFound(() => show(entry, id, provider));
  if (now === null) return written;
  const told = Object.fromEntries(Object.keys(now).map((name) => [name, written.body?.[name]]));
  if (canonicalJson(now) !== canonicalJson(told)) return written;
  return { ...written, headers: { ...written.headers, ETag: etagOf(entry) } };
}

/** Null: another request has deleted it since. */
function unlessNotFound(show: () => JsonObject): JsonObject | null {
  try {
    return show();
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}
