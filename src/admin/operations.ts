import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { holderOf } from "../../stores/engine/leases.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as operations from "../../stores/maintenance_operations.ts";
import type { MaintenanceOperation } from "../../stores/maintenance_operations.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { beginOperation, type Job, runOperation } from "../maintenance/operation.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { type AdministratorStep, administratorSteps } from "./administrator.ts";
import { once } from "./idempotency.ts";
import type { JsonObject } from "./json_body.ts";
import { notFound, Problem } from "./problem.ts";

/** Milliseconds for which a request waits for an operation that it has started. */
const longestWait = 8000;
/** Milliseconds between looks at an operation, which another process may be running. */
const pauses = [50, 100, 200, 400, 800, 1500, 2000, 2000];

/**
 * Starts an operation, which goes on whatever becomes of the request.
 *
 * @param added adds more to the step that starts it, such as its event
 * @returns 200 with its result if it is done within some seconds, else 202 and where to look
 * @throws {Problem} 409 while another one of its kind is running; what the operation failed for
 */
export async function startOperation(
  deps: Deps,
  request: AdminRequest,
  job: Job,
  added: (tx: Transaction) => void = () => {},
): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const fresh = randomId(deps.random);
  const begun = await step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      if (!(await beginOperation(tx, job, fresh, caller.actor))) throw await busy(tx, job);
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
    return outcome(await look(step, id));
  }
  // The same request before has started it.
  for (const pause of pauses) {
    const operation = await look(step, id);
    if (operation.state !== "running") return outcome(operation);
    await deps.timers.sleep(pause);
  }
  return outcome(await look(step, id));
}

/** Shows how an operation goes, or what it has come to. */
export async function readOperation(
  deps: Deps,
  request: AdminRequest,
  id: string,
): Promise<Answer> {
  if (!/^[\w-]{22}$/.test(id)) throw notFound("operation");
  const operation = await look(await administratorSteps(deps, request), id);
  return answer(operation, operation.state === "running" ? comeAgain : {});
}

const comeAgain: Answer["headers"] = { "Retry-After": "1" };

type ShownOperation = JsonObject & Pick<MaintenanceOperation, "state" | "problem" | "result">;

async function look(step: AdministratorStep, id: string): Promise<ShownOperation> {
  const first = await step((tx) => shown(tx, id));
  // It may have ended between the reads of its record and of its lease: then the record says so now.
  return first.state === "interrupted" ? await step((tx) => shown(tx, id)) : first;
}

async function shown(tx: Transaction, id: string): Promise<ShownOperation> {
  const { operation } = await tx.read({ operation: operations.ref(id) });
  if (!isPresent(operation)) throw notFound("operation");
  const { value } = operation;
  // Its process has ended without a word, if the lease has another holder or none.
  const isLost = value.state === "running" && await holderOf(tx, value.lease) !== id;
  return show(operation, isLost ? "interrupted" : value.state);
}

function show(
  operation: Present<MaintenanceOperation>,
  state: MaintenanceOperation["state"],
): ShownOperation {
  const { kind, startedBy, startedAt, updatedAt, progress, result, problem } = operation.value;
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

/** What the request that started an operation is answered. */
function outcome(operation: ShownOperation): Answer {
  const { id, state, result, problem } = operation;
  const place = { Location: placeOf(String(id)) };
  if (state === "running") return answer(operation, { ...place, ...comeAgain }, 202);
  if (state === "done") return answer(result ?? {}, place);
  if (state === "failed") throw new Problem("operation_failed", problem ?? "", { headers: place });
  throw new Problem("unavailable", "the process that did it is stopping: try again", {
    headers: { ...place, ...comeAgain },
  });
}

async function busy(tx: Transaction, { kind, lease }: Job): Promise<Problem> {
  const holder = await holderOf(tx, lease.name);
  const { running } = await tx.read({ running: operations.ref(holder ?? "") });
  const detail = `a ${kind} is running`;
  if (!isPresent(running)) return new Problem("conflict", detail);
  const headers = { Location: placeOf(operations.idOf(running)) };
  return new Problem("conflict", detail, { headers });
}

function placeOf(id: string): string {
  return `/api/v1/maintenance/operations/${id}`;
}
