import { z } from "zod";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import { type EncryptionKey, encryptionKeyTypes } from "../../stores/encryption_keys.ts";
import { NotFound } from "../../src/admin/errors.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { newEncryptionKey } from "../../src/keys/encryption_key.ts";
import {
  addEncryptionKeyRotation,
  addEncryptionKeyWithdrawal,
  UnknownEncryptionKey,
} from "../../src/keys/encryption_key_rotation.ts";
import { type JsonObject, validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { earlierAnswer, once } from "./http/idempotency.ts";
import { jsonBody } from "./http/json_body.ts";
import { type PageQuery, pageQuery, wholeList } from "./http/paging.ts";

/** The keys that clients encrypt their requests for. */
export function encryptionKeyRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/encryption-keys", answeredByQuery(deps, pageQuery, list))
    .post("/encryption-keys/rotate", answered(deps, replacing(addEncryptionKeyRotation)))
    .post(
      "/encryption-keys/emergency-rotate",
      answered(deps, replacing(addEncryptionKeyWithdrawal)),
    );
}

/** Lists the keys that decrypt, without their private members. */
const list: Endpoint<PageQuery> = (_deps, request) =>
  request.step(async (tx, { query }) => {
    const [ec, rsa] = encryptionKeyTypes.map(encryptionKeys.ref);
    const found = Object.values(await tx.read({ ec: ec ?? null, rsa: rsa ?? null }));
    const items = found.flatMap((keys) => {
      if (keys === null || keys.value === null) return [];
      const { kty, current, previous } = keys.value;
      return [
        { ...show(current, kty), state: "current", usable_until: null },
        ...previous === null || tx.now >= previous.usableUntil
          ? []
          : [{ ...show(previous, kty), state: "previous", usable_until: previous.usableUntil }],
      ];
    });
    return wholeList(query, items);
  });

const schema = z.strictObject({ kty: z.enum(encryptionKeyTypes) });

/**
 * Publishes another key of a type.
 *
 * @param replace what becomes of the one before
 * @throws {NotFound} if no client has registered for this type
 * @throws {RotatedRecently}
 */
function replacing(replace: typeof addEncryptionKeyRotation): Endpoint {
  return async (deps, request) => {
    const { kty, before } = await request.step(async (tx, caller) => {
      const { kty } = validEntry(schema, jsonBody(request));
      return { kty, before: await earlierAnswer(deps, tx, request, caller) };
    });
    if (before !== null) return before;
    const key = await newEncryptionKey(deps, kty, deps.clock.seconds());
    return await request.step((tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const replaced = await replace(tx, kty, key).catch((error) => {
          throw error instanceof UnknownEncryptionKey ? new NotFound("encryption key") : error;
        });
        return answer({ kty, replaced, current: key.kid });
      })
    );
  };
}

function show({ kid, publicJwk, createdAt }: EncryptionKey, kty: string): JsonObject {
  return { kid, kty, public_jwk: publicJwk, created_at: createdAt };
}
