import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as operations from "../../stores/maintenance_operations.ts";
import type { MaintenanceOperation } from "../../stores/maintenance_operations.ts";
import { OperationRunning, readOperation, startOperation } from "../../src/admin/operations.ts";
import { randomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type Job, runOperation } from "../../src/maintenance/operation.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import { type Answer, answer } from "./http/answer.ts";
import type { Endpoint } from "./http/endpoints.ts";
import { once } from "./http/idempotency.ts";
import { Problem } from "../http/problem.ts";
import type { AdminRequest } from "./http/request.ts";

/** Milliseconds for which a request waits for the operation that it started. */
const longestWait = 8000;
/** Milliseconds between reads of an operation that another process may be running. */
const pauses = [50, 100, 200, 400, 800, 1500, 2000, 2000];

/**
 * Starts an operation. It continues even if the request is aborted.
 *
 * @param added adds more to the step that starts it, such as its audit event
 * @returns 200 with the result if it is done within some seconds, otherwise 202 with the place to look
 * @throws {Problem} 409 while another operation of this kind is running; the failure of the operation
 */
export async function runJob(
  deps: Deps,
  request: AdminRequest,
  job: Job,
  added: (tx: Transaction) => void = () => {},
): Promise<Answer> {
  const fresh = randomId(deps.random);
  const begun = await request.step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      await startOperation(tx, job, fresh, caller.actor).catch(refuse);
      added(tx);
      return answer({ id: fresh }, {}, 202);
    })
  );
  const id = String(begun.body?.id);
  if (id === fresh) {
    const running = deps.background.begin(() => runOperation(deps, job, id));
    const answered = new AbortController();
    await Promise.race([running, deps.timers.sleep(longestWait, answered.signal)]);
    answered.abort();
    return outcome(await look(request, id));
  }
  // An earlier request with the same Idempotency-Key has started it.
  for (const pause of pauses) {
    const operation = await look(request, id);
    if (operation.value.state !== "running") return outcome(operation);
    await deps.timers.sleep(pause);
  }
  return outcome(await look(request, id));
}

/** Shows the state of an operation, and its result. */
export const showOperation: Endpoint = async (_deps, request, id) => {
  const operation = await look(request, id);
  return answer(show(operation), operation.value.state === "running" ? retrySoon : {});
};

const retrySoon: Answer["headers"] = { "Retry-After": "1" };

async function look(
  { step }: AdminRequest,
  id: string,
): Promise<Present<MaintenanceOperation>> {
  const first = await step((tx) => readOperation(tx, id));
  // It may have ended between the reads of its record and of its lease. Then the record says so by now.
  return first.value.state === "interrupted" ? await step((tx) => readOperation(tx, id)) : first;
}

function show(operation: Present<MaintenanceOperation>): JsonObject {
  const { kind, state, startedBy, startedAt, updatedAt, progress, result, problem } =
    operation.value;
  return {
    id: operations.idOf(operation),
    kind,
    state,
    started_by: startedBy,
    started_at: startedAt,
    updated_at: updatedAt,
    progress,
    result,
    problem,
  };
}

/** The answer to the request that started an operation. */
function outcome(operation: Present<MaintenanceOperation>): Answer {
  const { state, result, problem } = operation.value;
  const place = { Location: placeOf(operations.idOf(operation)) };
  if (state === "running") return answer(show(operation), { ...place, ...retrySoon }, 202);
  if (state === "done") return answer(result ?? {}, place);
  if (state === "failed") throw new Problem("operation_failed", problem ?? "", { headers: place });
  throw new Problem("unavailable", "the process that ran it is stopping: try again", {
    headers: { ...place, ...retrySoon },
  });
}

function refuse(error: unknown): never {
  if (!(error instanceof OperationRunning)) throw error;
  const { operationId: id, message } = error;
  throw new Problem("conflict", message, {
    headers: id === null ? {} : { Location: placeOf(id) },
    cause: error,
  });
}

function placeOf(id: string): string {
  return `/api/v1/maintenance/operations/${id}`;
}
