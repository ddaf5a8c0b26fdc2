import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { isPublic } from "../clients/authenticate.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { digest } from "../crypto/digest.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { newClient, updatedClient } from "./client_metadata.ts";
import { clientRef, shown, shownAs } from "./client_metadata.ts";
import { once } from "./idempotency.ts";
import { jsonBody, merged } from "./json_body.ts";
import { assertMatch, assertMatchIfGiven } from "./preconditions.ts";
import { Problem } from "./problem.ts";
import { existing, listRecords, readRecord, withEtag } from "./records.ts";

export function readClient(deps: Deps, request: AdminRequest, clientId: string): Promise<Answer> {
  return readRecord(deps, request, shown, clientRef(clientId));
}

export function listClients(deps: Deps, request: AdminRequest): Promise<Answer> {
  return listRecords(deps, request, shown);
}

/**
 * Creates a client. Its id and its secret are made here where the body has none; a secret made here
 * is shown in this answer, and never again.
 *
 * @throws {Problem} 409 if the id is taken
 * @see RFC 7591 section 3.2.1
 */
export async function createClient(deps: Deps, request: AdminRequest): Promise<Answer> {
  const made = { clientId: randomId(deps.random), secret: randomSecret(deps.random) };
  const created = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const { client, secret } = await newClient(jsonBody(request), made, tx.now);
        const { entry } = await tx.read({ entry: clients.ref(client.clientId) });
        if (entry.value !== null) throw new Problem("conflict", "there is such a client");
        clients.create(tx, client);
        auditEvents.append(tx, { type: "client_created", clientId: client.clientId });
        const location = `/api/v1/clients/${encodeURIComponent(client.clientId)}`;
        const body = { ...shownAs(client), ...(secret === null ? {} : secretOnce(secret)) };
        return answer(body, { Location: location }, 201);
      }, (kept) => assertSecretLives(tx, kept)),
  );
  await assertStillLives(deps, created);
  return await withEtag(deps, shown, clients.ref(String(created.body?.client_id)), created);
}

/** @param how whether the body is all of the metadata, or what is to change */
export async function updateClient(
  deps: Deps,
  request: AdminRequest,
  clientId: string,
  how: "replace" | "merge",
): Promise<Answer> {
  const written = await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, clientRef(clientId));
    assertMatch(request, entry);
    assertOrdinary(entry.value);
    const body = jsonBody(request);
    const wanted = how === "merge" ? merged(shown.show(entry), body) : body;
    const client = await updatedClient(entry.value, wanted, tx.now);
    clients.replace(tx, entry, client);
    auditEvents.append(tx, { type: "client_updated", clientId });
    return answer(shownAs({ ...client, createdAt: entry.value.createdAt, updatedAt: tx.now }));
  });
  return await withEtag(deps, shown, clients.ref(clientId), written);
}

/** Gives a client another secret, which is shown once; the old one is dead from this commit on. */
export async function rotateClientSecret(
  deps: Deps,
  request: AdminRequest,
  clientId: string,
): Promise<Answer> {
  const secret = randomSecret(deps.random);
  const rotated = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const entry = await existing(tx, shown, clientRef(clientId));
        assertMatchIfGiven(request, entry);
        assertOrdinary(entry.value);
        if (isPublic(entry.value)) {
          throw new Problem("conflict", "a public client has no secret");
        }
        clients.replace(tx, entry, { ...entry.value, secretDigest: await digest(secret) });
        auditEvents.append(tx, { type: "client_secret_rotated", clientId });
        return answer({ client_id: clientId, ...secretOnce(secret) });
      }, (kept) => assertSecretLives(tx, kept)),
  );
  await assertStillLives(deps, rotated);
  return rotated;
}

/** Deletes a client. All that was issued to it names it, and is dead. */
export async function deleteClient(
  deps: Deps,
  request: AdminRequest,
  clientId: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, clientRef(clientId));
    assertMatch(request, entry);
    assertOrdinary(entry.value);
    clients.remove(tx, entry);
    auditEvents.append(tx, { type: "client_deleted", clientId });
  });
  return done;
}

/**
 * A client that may call this API is changed where it was given that, in the bootstrap file: whoever gets
 * hold of an administrator's token for a minute could else give themselves a way in that stays.
 */
function assertOrdinary({ scope }: clients.Client) {
  if (!scope.includes(adminScope)) return;
  throw new Problem("conflict", `the client holds ${adminScope}: change it in the bootstrap file`);
}

/** A secret in an answer that was kept, or that was overtaken, may have been replaced since. */
async function assertSecretLives(tx: Transaction, { body }: Answer) {
  if (typeof body?.client_secret !== "string") return;
  const { client } = await tx.read({ client: clients.ref(String(body.client_id)) });
  if (client.value?.secretDigest === await digest(body.client_secret)) return;
  const detail = "the secret has been replaced since: rotate it again, with a new Idempotency-Key";
  throw new Problem("conflict", detail);
}

async function assertStillLives(deps: Deps, written: Answer) {
  await deps.kv.step(systemOrigin, (tx) => assertSecretLives(tx, written));
}

/** @see RFC 7591 section 3.2.1: 0 is never */
function secretOnce(secret: string) {
  return { client_secret: secret, client_secret_expires_at: 0 };
}
