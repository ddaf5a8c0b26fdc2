import * as idempotencyKeys from "../../../stores/idempotency_keys.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import {
  administratorSteps,
  type AdministratorToken,
  type Caller,
} from "../../../src/admin/administrator.ts";
import type { Deps } from "../../../src/deps/deps.ts";

/** The caller of a request, whose access was checked, and the query, which was read after that. */
export interface AskingCaller<Query> extends Caller {
  readonly query: Query;
}

/**
 * Runs a step in the name of the caller. Only a caller with access learns what is wrong with the query,
 * which is read before `work` does anything.
 *
 * @param prefetch reads more, in the same round trip as the last records of the caller
 * @throws as `administratorSteps` does
 */
export type Step<Query> = <T>(
  work: (tx: Transaction, caller: AskingCaller<Query>) => T | Promise<T>,
  prefetch?: (tx: Transaction) => Promise<unknown>,
) => Promise<T>;

/** The steps that a request may run. @throws as `administratorSteps` does */
export async function stepsOf<Query>(
  deps: Deps,
  request: AdministratorToken & Repeatable,
  readQuery: () => Query,
): Promise<Step<Query>> {
  const step = await administratorSteps(deps, request, async (caller) => {
    const key = await idempotencyKeyRef(request, caller);
    return key === null ? [] : [key];
  });
  return (work, prefetch) =>
    step((tx, caller) => work(tx, { ...caller, query: readQuery() }), prefetch);
}

interface Repeatable {
  readonly idempotencyKey: string | null;
}

/**
 * The place of a request's `Idempotency-Key`; null if it has none. The key belongs to the user together
 * with the client that they use.
 */
export async function idempotencyKeyRef(
  { idempotencyKey }: Repeatable,
  { actor, clientId }: Caller,
) {
  if (idempotencyKey === null) return null;
  return await idempotencyKeys.ref(JSON.stringify([actor, clientId]), idempotencyKey);
}
