import { z } from "zod";
import * as providers from "../../stores/provider.ts";
import { type SigningAlgorithm, signingAlgorithms } from "../../stores/provider.ts";
import { type SigningKey, stateOf } from "../../stores/signing_keys.ts";
import type { Deps } from "../deps/deps.ts";
import {
  addRotation,
  KeyTooFresh,
  listSigningKeys as listKeys,
  prepareRotation,
  publicationLead,
  type Rotation,
} from "../keys/key_rotation.ts";
import { addWithdrawal, prepareWithdrawal } from "../keys/key_withdrawal.ts";
import { UnknownSigningKey, type WithdrawalTarget } from "../keys/key_withdrawal.ts";
import { type AdminRequest, type Answer, answer } from "./admin_request.ts";
import { type AdministratorStep, administratorSteps, asAdministrator } from "./administrator.ts";
import { earlierAnswer, once } from "./idempotency.ts";
import { jsonBody, type JsonObject, validated } from "./json_body.ts";
import { notFound, Problem } from "./problem.ts";

/** Lists all keys with the part of their life that each is in; never a private member. */
export async function listSigningKeys(deps: Deps, request: AdminRequest): Promise<Answer> {
  const provider = await asAdministrator(deps, request, async (tx) => {
    return (await providers.read(tx, {})).provider;
  });
  const keys = (await listKeys(deps)).sort((a, b) => b.createdAt - a.createdAt);
  return answer({
    items: keys.map((key) => ({ ...show(key), state: stateOf(key, provider) })),
    next_cursor: null,
  });
}

const rotationSchema = z.strictObject({ alg: z.enum(signingAlgorithms).optional() });
const withdrawalSchema = z.strictObject({
  alg: z.enum(signingAlgorithms).optional(),
  kid: z.string().min(1).max(256).optional(),
}).transform(({ alg, kid }, context): WithdrawalTarget => {
  if (kid !== undefined) return { alg, kid };
  if (alg !== undefined) return { alg };
  const message = "is missing, and so is an alg, whose active key would be meant";
  context.addIssue({ code: "custom", path: ["kid"], message });
  return z.NEVER;
});

/**
 * Rotates the keys of one algorithm, or of all: each in a commit of its own, none if one of them may
 * not sign yet.
 *
 * @throws {Problem} 409 if a next key has not been published for long enough
 */
export async function rotateSigningKeys(deps: Deps, request: AdminRequest): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const { algs, before } = await step(async (tx, caller) => {
    const { alg } = validated(rotationSchema, jsonBody(request));
    const before = await earlierAnswer(deps, tx, request, caller);
    return { algs: alg === undefined ? [...signingAlgorithms] : [alg], before };
  });
  if (before !== null) return before;
  // Listed before it is known what is left: what this very request has rotated by then is not.
  const keys = await listKeys(deps);
  const left = await step(async (tx, caller) => {
    // Each algorithm has a key of its own, so that a request that was cut off goes on when repeated.
    const parts = algs.map((alg) => earlierAnswer(deps, tx, ofAlgorithm(request, alg), caller));
    const earlier = await Promise.all(parts);
    return algs.filter((_, n) => earlier[n] === null);
  });
  assertNoneTooFresh(deps, keys, left);

  const rotated: unknown[] = [];
  for (const alg of algs) {
    const part = ofAlgorithm(request, alg);
    const { body } = await rotateOne(deps, part, step, alg);
    rotated.push(body);
  }
  const whole = answer({ rotated });
  return await step((tx, caller) => once(deps, tx, request, caller, () => Promise.resolve(whole)));
}

/**
 * Withdraws the active key of an algorithm, or the key of a `kid`, whatever part of its life it is in:
 * what it signed no longer verifies here.
 *
 * @throws {Problem} 404 if there is no such key; 409 if another rotation was first
 */
export async function withdrawSigningKeys(deps: Deps, request: AdminRequest): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  const { target, before } = await step(async (tx, caller) => {
    const target = validated(withdrawalSchema, jsonBody(request));
    // Looked at before the key, which is not there any more when a request is repeated.
    return { target, before: await earlierAnswer(deps, tx, request, caller) };
  });
  if (before !== null) return before;
  try {
    const prepared = await prepareWithdrawal(deps, target);
    return await step((tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const { kid, alg, state, rotation } = await addWithdrawal(tx, prepared);
        return answer({
          withdrawn: { kid, alg, state },
          rotated: rotation === null ? [] : [showRotation(rotation)],
        });
      })
    );
  } catch (error) {
    if (error instanceof UnknownSigningKey) {
      // Perhaps it was withdrawn by this very request, which came twice at one moment.
      const twin = await step((tx, caller) => earlierAnswer(deps, tx, request, caller));
      if (twin !== null) return twin;
      throw notFound("signing key");
    }
    throw error instanceof KeyTooFresh ? tooFresh(error) : error;
  }
}

async function rotateOne(
  deps: Deps,
  request: AdminRequest,
  step: AdministratorStep,
  alg: SigningAlgorithm,
): Promise<Answer> {
  const prepared = await prepareRotation(deps, alg);
  try {
    return await step((tx, caller) =>
      once(deps, tx, request, caller, async () => {
        return answer(showRotation(await addRotation(deps, tx, prepared)));
      })
    );
  } catch (error) {
    throw error instanceof KeyTooFresh ? tooFresh(error) : error;
  }
}

/** Looked at before the first commit, so that all are rotated or none. */
function assertNoneTooFresh(
  deps: Deps,
  keys: readonly SigningKey[],
  algs: readonly SigningAlgorithm[],
) {
  for (const key of keys) {
    const waited = deps.clock.seconds() - key.createdAt;
    if (key.activatedAt !== null || !algs.includes(key.alg) || waited >= publicationLead) continue;
    throw tooFresh(new KeyTooFresh(key.alg, publicationLead - waited));
  }
}

function tooFresh(error: KeyTooFresh): Problem {
  return new Problem("conflict", error.message, {
    headers: { "Retry-After": String(error.seconds) },
    cause: error,
  });
}

function ofAlgorithm(request: AdminRequest, alg: SigningAlgorithm): AdminRequest {
  const { idempotencyKey } = request;
  return idempotencyKey === null
    ? request
    : { ...request, idempotencyKey: `${idempotencyKey} ${alg}` };
}

function showRotation({ alg, retired, active, next }: Rotation): JsonObject {
  return { alg, retired, active, next };
}

function show(key: SigningKey): JsonObject {
  return {
    kid: key.kid,
    alg: key.alg,
    public_jwk: key.publicJwk,
    created_at: key.createdAt,
    activated_at: key.activatedAt,
    retired_at: key.retiredAt,
    published_until: key.publishedUntil,
    expires_at: key.expiresAt,
  };
}
