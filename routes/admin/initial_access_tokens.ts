import * as initialAccessTokens from "../../stores/initial_access_tokens.ts";
import type { InitialAccessToken } from "../../stores/initial_access_tokens.ts";
import {
  createInitialAccessToken,
  initialAccessTokenSchema,
  withdrawInitialAccessToken,
} from "../../src/admin/initial_access_tokens.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type JsonObject, validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageQuery } from "./http/paging.ts";
import { createRecord, deleteRecord } from "./http/record_changes.ts";
import { listing, reading, type Shown } from "./http/records.ts";

/** Tokens that let their holders register clients. */
export function initialAccessTokenRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/initial-access-tokens", answeredByQuery(deps, pageQuery, listing(shown)))
    .post("/initial-access-tokens", answered(deps, create))
    .get("/initial-access-tokens/:id", answered(deps, reading(shown)))
    .delete("/initial-access-tokens/:id", answered(deps, withdraw));
}

const shown: Shown<InitialAccessToken> = {
  name: "initial access token",
  path: "/api/v1/initial-access-tokens",
  idMember: "id",
  collection: initialAccessTokens.all,
  refOf: (id) => isRandomId(id) ? initialAccessTokens.ref(id) : null,
  show: (entry) => shownAs(initialAccessTokens.idOf(entry), entry.value),
};

/** A token without its secret, which only the answer of its creation shows. */
function shownAs(id: string, token: InitialAccessToken): JsonObject {
  return {
    id,
    single_use: token.singleUse && (token.mostUses ?? 1) === 1,
    ...(token.mostUses === null ? {} : { max_uses: token.mostUses, uses: token.uses }),
    note: token.note,
    client_id: token.spentBy,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
  };
}

const create: Endpoint = (deps, request) =>
  createRecord(deps, request, shown, async (tx, body) => {
    const wanted = validEntry(initialAccessTokenSchema, body);
    const { id, record, token } = await createInitialAccessToken(tx, wanted);
    return { ...shownAs(id, record), token };
  });

const withdraw: Endpoint = (_deps, request, id) =>
  deleteRecord(request, shown, id, withdrawInitialAccessToken);
