import { z } from "zod";
import { wasPresent } from "../../stores/engine/collection.ts";
import { parts } from "../../stores/engine/parts.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { administratorSteps } from "./administrator.ts";
import { peekInBatches } from "../../stores/engine/batches.ts";
import { earlierAnswer, keepAnswer } from "./idempotency.ts";
import { jsonBody, validated } from "./json_body.ts";
import { Problem } from "./problem.ts";
import { endByAdministrator, sessionRef } from "./sessions.ts";

const mostSessions = 1000;
/** Of a commit's 999 mutations a session takes 5: its record and its entry, its event and two of that. */
const sessionsPerCommit = 180;

const bodySchema = z.strictObject({
  session_ids: z.array(
    z.string().regex(/^[A-Za-z0-9_.-]{1,36}$/, "must be an id: 1 to 36 letters, digits, - _ or ."),
  ).min(1).max(mostSessions),
});

interface Totals {
  readonly deleted: number;
  readonly failed: readonly string[];
}

/**
 * Ends many sessions: each commit takes 180, and 100 cost three round trips with those that find out
 * who calls. A batch that was stopped half way can be sent again: what has ended is then among the
 * `failed`, which are the ids of no session.
 */
export async function endSessions(deps: Deps, request: AdminRequest): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const { ids, problem } = sessionIds(request);
  const batches = problem === null ? parts(ids, sessionsPerCommit) : [[]];
  let totals: Totals = { deleted: 0, failed: [] };
  for (const [n, batch] of batches.entries()) {
    const outcome = await step(async (tx, caller) => {
      if (problem !== null) throw problem;
      const before = await earlierAnswer(deps, tx, request, caller);
      if (before !== null) return { before };
      const after = await endBatch(tx, batch, totals);
      const isLast = n === batches.length - 1;
      if (isLast) await keepAnswer(deps, tx, request, caller, answer({ ...after }));
      return { before, after };
    }, (tx) => readBatch(tx, batch));
    if (outcome.before !== null) return outcome.before;
    totals = outcome.after;
    if (batches.length > 1) {
      const done = Math.min((n + 1) * sessionsPerCommit, ids.length);
      deps.logger.info("a batch of sessions is being ended", { done, of: ids.length });
    }
  }
  return answer({ ...totals });
}

async function endBatch(tx: Transaction, ids: readonly string[], totals: Totals): Promise<Totals> {
  const found = (await readBatch(tx, ids)).filter(wasPresent);
  found.forEach((session) => endByAdministrator(tx, session));
  const ended = new Set(found.map(sessions.idOf));
  return {
    deleted: totals.deleted + ended.size,
    failed: [...totals.failed, ...ids.filter((id) => !ended.has(id))],
  };
}

function readBatch(tx: Transaction, ids: readonly string[]) {
  const refs = ids.map(sessionRef).filter((ref) => ref !== null);
  return peekInBatches(tx, refs, "to_be_ended");
}

/** What is wrong with the body only an administrator is told, and the step finds out who calls. */
function sessionIds(request: AdminRequest): { ids: string[]; problem: Problem | null } {
  try {
    const { session_ids: ids } = validated(bodySchema, jsonBody(request));
    return { ids: [...new Set(ids)], problem: null };
  } catch (error) {
    if (error instanceof Problem) return { ids: [], problem: error };
    throw error;
  }
}
