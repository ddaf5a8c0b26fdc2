import { isPresent, type Present } from "../../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import * as providers from "../../../stores/provider.ts";
import { NotFound } from "../../../src/admin/errors.ts";
import { canonicalJson } from "../../../src/crypto/canonical_json.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { JsonObject } from "../../../src/protocol/json_entry.ts";
import { type Answer, answer, done } from "./answer.ts";
import { type AssertStillTrue, once } from "./idempotency.ts";
import { jsonBody, patched, writable } from "./json_body.ts";
import { assertMatch, assertMatchIfGiven, etagOf } from "./preconditions.ts";
import { existing, type Shown } from "./records.ts";
import type { AdminRequest } from "./request.ts";

/** @param work creates the record, and returns it as the answer shows it */
export async function createRecord<T>(
  deps: Deps,
  request: AdminRequest,
  shown: Shown<T>,
  work: (tx: Transaction, body: JsonObject) => Promise<JsonObject>,
  assertStillTrue?: AssertStillTrue,
): Promise<Answer> {
  const created = await request.step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      const body = await work(tx, jsonBody(request));
      const id = encodeURIComponent(String(body[shown.idMember]));
      return answer(body, { Location: `${shown.path}/${id}` }, 201);
    }, assertStillTrue)
  );
  return await afterCommit(deps, shown, created, assertStillTrue);
}

/** `replace`: the body is the whole record. `merge`: the body has only the changes. */
export type UpdateKind = "replace" | "merge";

/**
 * Changes a record whose current state the caller has seen. A change to what is there already writes nothing.
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
  const written = await request.step(async (tx) => {
    const entry = await existing(tx, shown.name, shown.refOf(id));
    assertMatch(request, entry);
    const body = jsonBody(request);
    const { readOnly = [] } = shown;
    const now = shown.show(entry, id, providers.fetched(tx));
    const whole = kind === "merge" ? withPatch(shown, now, body) : body;
    const wanted = writable(whole, readOnly);
    // Programs send again what they want to be there: that is no new version, and no event.
    const isSame = canonicalJson(wanted) === canonicalJson(writable(now, readOnly));
    if (isSame && !shown.isElsewhere?.(entry, id)) return answer(now);
    return answer(await work(tx, entry, wanted));
  });
  return await afterCommit(deps, shown, written);
}

function withPatch<T>(
  { readOnly = [], afterPatch }: Shown<T>,
  now: JsonObject,
  patch: JsonObject,
): JsonObject {
  const wanted = patched(now, patch, readOnly);
  return afterPatch?.({ now, wanted, patch }) ?? wanted;
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
  const written = await request.step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      const entry = await existing(tx, shown.name, shown.refOf(id));
      assertMatchIfGiven(request, entry);
      return answer(await work(tx, entry));
    }, assertStillTrue)
  );
  return await afterCommit(deps, shown, written, assertStillTrue);
}

/** Deletes a record whose current state the caller has seen. */
export async function deleteRecord<T>(
  request: AdminRequest,
  shown: Shown<T>,
  id: string,
  work: (tx: Transaction, entry: Present<T>) => void,
): Promise<Answer> {
  await request.step(async (tx) => {
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
