import { z } from "zod";
import { parts } from "../../stores/engine/batches.ts";
import { endSessions, readSessions, sessionsPerCommit } from "../../src/admin/sessions.ts";
import { InvalidEntry, validEntry } from "../../src/protocol/json_entry.ts";
import { answer } from "./http/answer.ts";
import type { Endpoint } from "./http/endpoints.ts";
import { earlierAnswer, keepAnswer } from "./http/idempotency.ts";
import { jsonBody } from "./http/json_body.ts";
import { Problem } from "../http/problem.ts";
import type { AdminRequest } from "./http/request.ts";

const mostSessions = 1000;

const bodySchema = z.strictObject({
  session_ids: z.array(
    z.string().regex(/^[A-Za-z0-9_.-]{1,36}$/, "must be an id: 1 to 36 letters, digits, - _ or ."),
  ).min(1).max(mostSessions),
});

/**
 * Ends many sessions, in commits of 160. 100 sessions cost three round trips, with those that identify
 * the caller. A batch that was interrupted can be sent again: the sessions that have ended by then are
 * among the `failed`, which are the ids of no session.
 */
export const endSessionBatch: Endpoint = async (deps, request) => {
  const { ids, problem } = sessionIds(request);
  const batches = problem === null ? parts(ids, sessionsPerCommit) : [[]];
  let totals: { deleted: number; failed: string[] } = { deleted: 0, failed: [] };
  for (const [n, batch] of batches.entries()) {
    const outcome = await request.step(async (tx, caller) => {
      if (problem !== null) throw problem;
      const before = await earlierAnswer(deps, tx, request, caller);
      if (before !== null) return { before };
      const failed = await endSessions(tx, batch);
      const after = {
        deleted: totals.deleted + batch.length - failed.length,
        failed: [...totals.failed, ...failed],
      };
      const isLast = n === batches.length - 1;
      if (isLast) await keepAnswer(deps, tx, request, caller, answer(after));
      return { before, after };
    }, (tx) => readSessions(tx, batch));
    if (outcome.before !== null) return outcome.before;
    totals = outcome.after;
    if (batches.length > 1) {
      const done = Math.min((n + 1) * sessionsPerCommit, ids.length);
      deps.logger.info("a batch of sessions is being ended", { done, of: ids.length });
    }
  }
  return answer(totals);
};

/** Reads the body. Only an administrator may learn what is wrong with it, so the step throws the problem. */
function sessionIds(request: AdminRequest): { ids: string[]; problem: Error | null } {
  try {
    const { session_ids: ids } = validEntry(bodySchema, jsonBody(request));
    return { ids: [...new Set(ids)], problem: null };
  } catch (error) {
    if (error instanceof Problem || error instanceof InvalidEntry) {
      return { ids: [], problem: error };
    }
    throw error;
  }
}
