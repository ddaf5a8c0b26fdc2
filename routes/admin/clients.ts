import { z } from "zod";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import {
  assertSecretLives,
  createClient,
  deleteClient,
  rotateClientSecret,
  updateClient,
} from "../../src/admin/clients.ts";
import { claimRuleProblems } from "../../src/clients/claim_rules.ts";
import { metadataOf } from "../../src/clients/metadata.ts";
import { registeredBy } from "../../src/clients/registered_by.ts";
import { randomId, randomSecret } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withSector } from "../../src/registration/sector.ts";
import { invalidMember, type JsonObject, validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import type { Answer } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { jsonBody, writable } from "./http/json_body.ts";
import type { AdminRequest } from "./http/request.ts";
import { pageQuery } from "./http/paging.ts";
import {
  actOnRecord,
  createRecord,
  deleteRecord,
  type UpdateKind,
  updateRecord,
} from "./http/record_changes.ts";
import { listing, reading, type Shown } from "./http/records.ts";

/** Clients, by the names of RFC 7591. */
export function clientRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/clients", answeredByQuery(deps, pageQuery, listing(shown)))
    .post("/clients", answered(deps, create))
    .get("/clients/:id", answered(deps, reading(shown)))
    .put("/clients/:id", answered(deps, updating("replace")))
    .patch("/clients/:id", answered(deps, updating("merge")))
    .delete("/clients/:id", answered(deps, remove))
    .post("/clients/:id/rotate-secret", answered(deps, rotateSecret));
}

const shown: Shown<Client> = {
  name: "client",
  path: "/api/v1/clients",
  idMember: "client_id",
  collection: clients.all,
  readOnly: [
    "client_id_issued_at",
    "client_secret_expires_at",
    "claim_rule_problems",
    "registered_by",
    "document_fresh_until",
    "expires_at",
    "previous_client_secret_expires_at",
    "updated_at",
  ],
  refOf: (clientId) => /^[\x21-\x7e]{1,256}$/.test(clientId) ? clients.ref(clientId) : null,
  show: ({ value }, _, provider) => shownAs(value, provider),
  followsProvider: ({ claimRules }) => claimRules.length > 0,
};

/** A client without any part of its secret. @see RFC 7591 section 3.2.1 */
function shownAs(client: Client, { customClaims }: Provider): JsonObject {
  const ruleProblems = claimRuleProblems(client.claimRules, customClaims);
  return {
    ...metadataOf(client),
    ...(ruleProblems.length === 0 ? {} : {
      claim_rule_problems: ruleProblems.map(({ index, rule }) => ({
        member: `claim_rules.${index}.as`,
        rule,
      })),
    }),
    ...(client.previousSecret === null
      ? {}
      : { previous_client_secret_expires_at: client.previousSecret.expiresAt }),
    registered_by: registeredBy(client),
    ...(client.document === null ? {} : { document_fresh_until: client.document.freshUntil }),
    ...(client.expiresAt === undefined ? {} : { expires_at: client.expiresAt }),
    client_id_issued_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

/**
 * Creates a client. Its id and its secret are made here unless the body has them. A secret made here is
 * shown in this answer only.
 *
 * @see RFC 7591 section 3.2.1
 */
function create(deps: Deps, request: AdminRequest): Promise<Answer> {
  const made = { clientId: randomId(deps.random), secret: randomSecret(deps.random) };
  return withSector(
    deps,
    sectorOf(request),
    (assertSector) =>
      createRecord(deps, request, shown, async (tx, body) => {
        const written = writable(body, shown.readOnly ?? []);
        const { client, secret } = await createClient(deps, tx, written, made, assertSector);
        const shownClient = shownAs(client, providers.fetched(tx));
        return { ...shownClient, ...(secret === null ? {} : shownSecret(secret)) };
      }, assertSecretStillLives),
  );
}

function sectorOf({ origin }: AdminRequest) {
  const refused = (rule: string) => invalidMember("sector_identifier_uri", rule);
  return { origin, isOperators: true, refused };
}

function updating(kind: UpdateKind): Endpoint {
  return (deps, request, id) =>
    withSector(
      deps,
      sectorOf(request),
      (assertSector) =>
        updateRecord(
          deps,
          request,
          shown,
          { id, kind },
          async (tx, entry, written) =>
            shownAs(
              await updateClient(deps, tx, entry, written, assertSector),
              providers.fetched(tx),
            ),
        ),
    );
}

/** Seconds for which the old secret works beside the new one: at most 90 days. */
const rotationSchema = z.strictObject({
  previous_secret_lifetime: z.int().min(0).max(90 * 24 * 60 * 60).default(0),
});

function rotateSecret(deps: Deps, request: AdminRequest, clientId: string): Promise<Answer> {
  const secret = randomSecret(deps.random);
  return actOnRecord(deps, request, shown, clientId, async (tx, entry) => {
    const body = validEntry(rotationSchema, jsonBody(request));
    await rotateClientSecret(deps, tx, entry, secret, body.previous_secret_lifetime);
    return { client_id: clientId, ...shownSecret(secret) };
  }, assertSecretStillLives);
}

const remove: Endpoint = (_deps, request, clientId) =>
  deleteRecord(request, shown, clientId, deleteClient);

/** The secret in a kept answer may have been replaced since, and so may one that was just written. */
async function assertSecretStillLives(tx: Transaction, { body }: Answer) {
  if (typeof body?.client_secret !== "string") return;
  await assertSecretLives(tx, String(body.client_id), body.client_secret);
}

/** @see RFC 7591 section 3.2.1: 0 means never */
function shownSecret(secret: string) {
  return { client_secret: secret, client_secret_expires_at: 0 };
}
