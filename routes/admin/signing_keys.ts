import { z } from "zod";
import * as providers from "../../stores/provider.ts";
import {
  algorithmsInUse,
  type SigningAlgorithm,
  signingAlgorithms,
  usable,
} from "../../stores/provider.ts";
import { type SigningKey, stateOf } from "../../stores/signing_keys.ts";
import { NotFound } from "../../src/admin/errors.ts";
import type { Deps } from "../../src/deps/deps.ts";
import {
  addRotation,
  assertNoneTooFresh,
  listSigningKeys,
  prepareRotation,
  type Rotation,
  UnknownSigningKey,
} from "../../src/keys/key_rotation.ts";
import {
  addWithdrawal,
  prepareWithdrawal,
  type WithdrawalTarget,
} from "../../src/keys/key_withdrawal.ts";
import { type JsonObject, validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { type Answer, answer } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { earlierAnswer, once } from "./http/idempotency.ts";
import { jsonBody } from "./http/json_body.ts";
import { type PageQuery, pageQuery, wholeList } from "./http/paging.ts";
import type { AdminRequest } from "./http/request.ts";

/** The signing keys of this server. */
export function signingKeyRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/signing-keys", answeredByQuery(deps, pageQuery, list))
    .post("/signing-keys/rotate", answered(deps, rotate))
    .post("/signing-keys/emergency-rotate", answered(deps, withdraw));
}

/** Lists all keys with their states, and without their private members. */
const list: Endpoint<PageQuery> = async (deps, request) => {
  const { provider, query } = await request.step(async (tx, { query }) => {
    return { ...await providers.read(tx, {}), query };
  });
  const keys = (await listSigningKeys(deps)).sort((a, b) => b.createdAt - a.createdAt);
  const items = keys.map((key) => ({ ...show(key), state: stateOf(key, provider) }));
  return wholeList(query, items);
};

const rotationSchema = z.strictObject({ alg: z.enum(signingAlgorithms).optional() });
const withdrawalSchema = z.strictObject({
  alg: z.enum(signingAlgorithms).optional(),
  kid: z.string().min(1).max(256).optional(),
}).transform(({ alg, kid }, context): WithdrawalTarget => {
  if (kid !== undefined) return { alg, kid };
  if (alg !== undefined) return { alg };
  const message = "is missing: send a kid, or an alg to withdraw its active key";
  context.addIssue({ code: "custom", path: ["kid"], message });
  return z.NEVER;
});

/**
 * Rotates the keys of one algorithm, or of all that have keys. Each is rotated in its own commit. If one
 * of the next keys may not sign yet, none is rotated.
 *
 * @throws {NotFound} if the algorithm has no keys
 * @throws {KeyTooFresh}
 */
const rotate: Endpoint = async (deps, request) => {
  const { algs, before } = await request.step(async (tx, caller) => {
    const { alg } = validEntry(rotationSchema, jsonBody(request));
    const before = await earlierAnswer(deps, tx, request, caller);
    const inUse = usable(algorithmsInUse((await providers.read(tx, {})).provider));
    if (alg !== undefined && !inUse.includes(alg)) throw new NotFound("signing key");
    return { algs: alg === undefined ? inUse : [alg], before };
  });
  if (before !== null) return before;
  // List the keys first: what an earlier attempt of this request has rotated by then is not left.
  const keys = await listSigningKeys(deps);
  const left = await request.step(async (tx, caller) => {
    // Each algorithm has its own Idempotency-Key, so a repeat continues a request that was interrupted.
    const parts = algs.map((alg) => earlierAnswer(deps, tx, ofAlgorithm(request, alg), caller));
    const earlier = await Promise.all(parts);
    return algs.filter((_, n) => earlier[n] === null);
  });
  assertNoneTooFresh(deps, keys, left);

  const rotated: unknown[] = [];
  for (const alg of algs) {
    const part = ofAlgorithm(request, alg);
    const { body } = await rotateOne(deps, part, alg);
    rotated.push(body);
  }
  const whole = answer({ rotated });
  return await request.step((tx, caller) =>
    once(deps, tx, request, caller, () => Promise.resolve(whole))
  );
};

/**
 * Withdraws the active key of an algorithm, or the key with a `kid` in any state. This server accepts
 * nothing any more that the key signed.
 *
 * @throws {NotFound} if there is no such key
 * @throws {KeyTooFresh} if another rotation came first
 */
const withdraw: Endpoint = async (deps, request) => {
  const { target, before } = await request.step(async (tx, caller) => {
    const target = validEntry(withdrawalSchema, jsonBody(request));
    // Read this before the key: when a request is repeated, its key is gone.
    return { target, before: await earlierAnswer(deps, tx, request, caller) };
  });
  if (before !== null) return before;
  try {
    const prepared = await prepareWithdrawal(deps, target);
    return await request.step((tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const { kid, alg, state, rotation } = await addWithdrawal(tx, prepared);
        return answer({
          withdrawn: { kid, alg, state },
          rotated: rotation === null ? [] : [showRotation(rotation)],
        });
      })
    );
  } catch (error) {
    if (!(error instanceof UnknownSigningKey)) throw error;
    // The same request may have come twice at one moment, and the other one has withdrawn the key.
    const twin = await request.step((tx, caller) => earlierAnswer(deps, tx, request, caller));
    if (twin !== null) return twin;
    throw new NotFound("signing key");
  }
};

async function rotateOne(
  deps: Deps,
  request: AdminRequest,
  alg: SigningAlgorithm,
): Promise<Answer> {
  const prepared = await prepareRotation(deps, alg);
  return await request.step((tx, caller) =>
    once(deps, tx, request, caller, async () => {
      return answer(showRotation(await addRotation(deps, tx, prepared)));
    })
  );
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
