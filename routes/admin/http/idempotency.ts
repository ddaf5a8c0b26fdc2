import { z } from "zod";
import * as idempotencyKeys from "../../../stores/idempotency_keys.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { Caller } from "../../../src/admin/administrator.ts";
import { digest } from "../../../src/crypto/digest.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { Answer } from "./answer.ts";
import { Problem } from "../../http/problem.ts";
import type { AdminRequest } from "./request.ts";
import { idempotencyKeyRef } from "./steps.ts";

/** Throws if an answer that was kept is no longer true. */
export type AssertStillTrue = (tx: Transaction, kept: Answer) => Promise<void>;

/**
 * Does the work once for each `Idempotency-Key`, even if the request comes many times at the same moment.
 * The commit that does the work also keeps the answer, and repeats of the request get that answer. A
 * refused request has changed nothing, so its answer is not kept.
 *
 * @throws {Problem} if the key was used for another request
 */
export async function once(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
  work: () => Promise<Answer>,
  assertStillTrue?: AssertStillTrue,
): Promise<Answer> {
  const before = await earlierAnswer(deps, tx, request, caller);
  if (before !== null) {
    await assertStillTrue?.(tx, before);
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

/** The answer that the same request got before; null if it is new or has no key. */
export async function earlierAnswer(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
): Promise<Answer | null> {
  const key = await idempotencyKeyRef(request, caller);
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

/** Keeps an answer for repeats, in the commit that did the work. */
export async function keepAnswer(
  deps: Deps,
  tx: Transaction,
  request: AdminRequest,
  caller: Caller,
  answer: Answer,
) {
  const key = await idempotencyKeyRef(request, caller);
  if (key === null) return;
  const { before } = await tx.read({ before: key });
  idempotencyKeys.keep(tx, before, {
    requestDigest: await digestOf(request),
    sealedAnswer: await deps.masterKey.seal(JSON.stringify(answer), idempotencyKeys.contextOf(key)),
  });
}

/**
 * Two requests are the same if these parts are equal. The query is one of them: `?head=` says what is verified.
 * The digest of a request without a query is that of earlier releases.
 */
function digestOf({ method, path, search, body }: AdminRequest): Promise<string> {
  return digest(JSON.stringify([method, path + search, body.text]));
}
