import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import * as providers from "../../stores/provider.ts";
import type { Client } from "../../stores/clients.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { claimRuleProblems } from "../clients/claim_rules.ts";
import { keptSecret, usesSecret } from "../clients/kept_secret.ts";
import { digest } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { InvalidEntry, type JsonObject } from "../protocol/json_entry.ts";
import type { AssertSector } from "../registration/sector.ts";
import { assertOwnKeys } from "../keys/assert_own_keys.ts";
import { newClient, updatedClient } from "./client_metadata.ts";
import { Conflict } from "./errors.ts";

/**
 * @param metadata by the names of RFC 7591
 * @param made the id and the secret for metadata that has none
 * @returns the new record; also the secret if `made.secret` is used, because then nobody knows it yet
 * @throws {InvalidEntry}
 * @throws {Conflict} if the id is taken
 * @throws {OwnKeysNeeded} `withSector` handles it
 */
export async function createClient(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  metadata: JsonObject,
  made: { readonly clientId: string; readonly secret: string },
  assertSector: AssertSector,
): Promise<{ readonly client: Client; readonly secret: string | null }> {
  const { client, secret } = await newClient(deps.masterKey, metadata, made, tx.now);
  assertSector(client);
  await assertClaimRules(tx, client, []);
  await assertOwnKeys(tx, client);
  const { entry } = await tx.read({ entry: clients.ref(client.clientId) });
  if (entry.value !== null) throw new Conflict("there is such a client");
  clients.create(tx, client);
  auditEvents.append(tx, { type: "client_created", clientId: client.clientId });
  return { client, secret };
}

/** @returns the record as it will be @throws {InvalidEntry} @throws {Conflict} @throws {OwnKeysNeeded} */
export async function updateClient(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  entry: Present<Client>,
  metadata: JsonObject,
  assertSector: AssertSector,
): Promise<Client> {
  assertOrdinary(entry.value);
  const client = await updatedClient(deps.masterKey, entry.value, metadata, tx.now);
  assertSector(client);
  await assertClaimRules(tx, client, entry.value.claimRules);
  await assertOwnKeys(tx, client);
  clients.replace(tx, entry, client);
  auditEvents.append(tx, { type: "client_updated", clientId: client.clientId });
  return { ...client, createdAt: entry.value.createdAt, updatedAt: tx.now };
}

/**
 * Gives a client another secret.
 *
 * @param overlap seconds for which the present one works too; 0: it is invalid from this commit on
 * @throws {Conflict}
 */
export async function rotateClientSecret(
  deps: Pick<Deps, "masterKey">,
  tx: Transaction,
  entry: Present<Client>,
  secret: string,
  overlap: number,
): Promise<void> {
  assertOrdinary(entry.value);
  const { clientId, tokenEndpointAuthMethod: method } = entry.value;
  if (!usesSecret(method)) throw new Conflict("the client has no secret");
  const kept = await keptSecret(deps.masterKey, clientId, method, secret);
  const { secretDigest, sealedSecret } = entry.value;
  const previousSecret = overlap > 0 && secretDigest !== null
    ? { secretDigest, sealedSecret, expiresAt: tx.now + overlap }
    : null;
  clients.replace(tx, entry, { ...entry.value, ...kept, previousSecret });
  auditEvents.append(tx, { type: "client_secret_rotated", clientId: entry.value.clientId });
}

/** Deletes a client. Everything that was issued to it becomes invalid. @throws {Conflict} */
export function deleteClient(tx: Transaction, entry: Present<Client>): void {
  assertOrdinary(entry.value);
  clients.remove(tx, entry);
  auditEvents.append(tx, { type: "client_deleted", clientId: entry.value.clientId });
}

/** @throws {Conflict} if the client has another secret by now */
export async function assertSecretLives(tx: Transaction, clientId: string, secret: string) {
  const { client } = await tx.read({ client: clients.ref(clientId) });
  if (client.value?.secretDigest === await digest(secret)) return;
  throw new Conflict(
    "the secret has been replaced since: rotate it again, with a new Idempotency-Key",
  );
}

/** Refuses new rules without effect, which also follows from who may change custom claims. @throws {InvalidEntry} */
async function assertClaimRules(
  tx: Transaction,
  { claimRules }: Client,
  standing: Client["claimRules"],
) {
  if (claimRules.length === 0) return;
  const { provider: { customClaims } } = await providers.read(tx, {});
  const [problem] = claimRuleProblems(claimRules, customClaims, standing);
  if (problem === undefined) return;
  throw new InvalidEntry([{ path: ["claim_rules", problem.index, "as"], rule: problem.rule }]);
}

/**
 * A client that may call the admin API can be changed only in the bootstrap file, where it got that
 * scope. Otherwise an attacker who has an administrator's token for a minute could get lasting access.
 */
function assertOrdinary({ scope }: Client) {
  if (!scope.includes(adminScope)) return;
  throw new Conflict(`the client holds ${adminScope}: change it in the bootstrap file`);
}
