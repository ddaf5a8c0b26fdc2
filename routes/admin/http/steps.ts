import * as idempotencyKeys from "../../../stores/idempotency_keys.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import {
  type AdministratorStep,
  administratorSteps,
  type Caller,
} from "../../../src/admin/administrator.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import { assertNoQuery } from "./paging.ts";
import type { AdminRequest } from "./request.ts";

/** Runs the one step of a request. @throws as `administratorSteps` does */
export async function asAdministrator<T>(
  deps: Deps,
  request: AdminRequest,
  work: (tx: Transaction, caller: Caller) => T | Promise<T>,
  along?: (tx: Transaction) => Promise<unknown>,
): Promise<T> {
  const step = await stepsOf(deps, request);
  return await step(work, along);
}

/** The steps of a request that needs more than one. @throws as `administratorSteps` does */
export async function stepsOf(deps: Deps, request: AdminRequest): Promise<AdministratorStep> {
  const step = await administratorSteps(deps, request, async (caller) => {
    const key = await idempotencyKeyRef(request, caller);
    return key === null ? [] : [key];
  });
  return (work, along) =>
    step((tx, caller) => {
      assertNoQuery(request);
      return work(tx, caller);
    }, along);
}

/**
 * The place of a request's `Idempotency-Key`; null if it has none. The key belongs to the user together
 * with the client that they use.
 */
export async function idempotencyKeyRef(
  { idempotencyKey }: AdminRequest,
  { actor, clientId }: Caller,
) {
  if (idempotencyKey === null) return null;
  return await idempotencyKeys.ref(JSON.stringify([actor, clientId]), idempotencyKey);
}
