import { z } from "zod";
import * as idempotencyKeys from "../../stores/idempotency_keys.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import type { AdminRequest, Answer } from "./admin_request.ts";
import { type Caller, idempotencyKeyRef } from "./administrator.ts";
import { Problem } from "./problem.ts";

/**
 * Does something once for an `Idempotency-Key`, however often and at however many moments at once the
 * request comes: the answer is kept in the commit of what was done, and repeats get it. A refusal has
 * changed nothing, so it is not kept.
 *
 * @param assertStill throws if an answer that was kept is not true any more
 * @throws {Problem} if the key was used for another request
 */
export async function once(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
  work: () => Promise<Answer>,
  assertStill?: (answer: Answer) => Promise<void>,
): Promise<Answer> {
  const before = await earlierAnswer(deps, tx, request, caller);
  if (before !== null) {
    await assertStill?.(before);
    return before;
  }
  const answer = await work();
  await keepAnswer(deps, tx, request, caller, answer);
  return answer;
}

const answerSchema = z.object({
  status: z.union([z.literal(200), z.literal(201), z.literal(202)]),
  body: z.record(z.string(), z.unknown()),
  headers: z.record(z.string(), z.string()),
});

/** What the same request was answered before; null if it never was, or has no key. */
export async function earlierAnswer(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
): Promise<Answer | null> {
  const key = await keyOf(request, caller);
  if (key === null) return null;
  const { before } = await tx.read({ before: key });
  if (before.value === null) return null;
  if (before.value.requestDigest !== await digestOf(request)) {
    throw new Problem("idempotency_key_reused", "use a new Idempotency-Key for another request");
  }
  const json = await deps.masterKey.unseal(
    before.value.sealedAnswer,
    idempotencyKeys.contextOf(key),
  );
  return answerSchema.parse(JSON.parse(json));
}

/** Keeps an answer for repeats, in the commit of what was done. */
export async function keepAnswer(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
  answer: Answer,
) {
  const key = await keyOf(request, caller);
  if (key === null) return;
  const { before } = await tx.read({ before: key });
  idempotencyKeys.keep(tx, before, {
    requestDigest: await digestOf(request),
    sealedAnswer: await deps.masterKey.seal(JSON.stringify(answer), idempotencyKeys.contextOf(key)),
  });
}

async function keyOf({ idempotencyKey }: AdminRequest, caller: Caller) {
  return idempotencyKey === null ? null : await idempotencyKeyRef(caller, idempotencyKey);
}

/** What makes two requests the same. */
function digestOf({ method, path, body }: AdminRequest): Promise<string> {
  return digest(JSON.stringify([method, path, body.text]));
}
