import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { keptSecretOf, usesSecret } from "../clients/kept_secret.ts";
import { clientOf, operatorsMetadata } from "../clients/metadata.ts";
import { livePreviousSecret } from "../clients/methods/client_secret.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { digest } from "../crypto/digest.ts";
import { randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnKeys } from "../keys/assert_own_keys.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { JsonObject } from "../protocol/json_entry.ts";
import { noteClient } from "../protocol/refusals.ts";
import { registrationResponse } from "./response.ts";
import { vouchedMetadata } from "./software_statement.ts";
import { strangersStep } from "./sector.ts";
import { presentMembers, strangerMetadata } from "./stranger_metadata.ts";
import { wrongToken } from "./wrong_token.ts";

/** A request of a client about its own registration. */
export interface ConfigurationRequest {
  readonly origin: Origin;
  readonly clientId: string;
  /** The registration access token. */
  readonly token: string;
}

/**
 * Shows a client its registration, with a new registration access token. The old one works until the new
 * one is used: otherwise a lost answer would lock the client out.
 *
 * @throws {OAuthError} `invalid_token`
 * @see RFC 7592 section 2.1
 */
export async function readRegistration(
  deps: Deps,
  request: ConfigurationRequest,
): Promise<Record<string, unknown>> {
  const accessToken = randomSecret(deps.random);
  return await deps.kv.step(request.origin, async (tx) => {
    const entry = await ownRegistration(tx, request);
    const client = await withNextToken(tx, entry.value, request, accessToken);
    clients.keep(tx, entry, client);
    return registrationResponse(deps.config, client, { accessToken });
  });
}

/**
 * Replaces a client's metadata. What the new metadata leaves out has its default again, and what an
 * operator has set stays.
 *
 * @throws {OAuthError} `invalid_token`, `invalid_redirect_uri`, `invalid_client_metadata`
 * @see RFC 7592 section 2.2
 */
export async function updateRegistration(
  deps: Deps,
  request: ConfigurationRequest & { readonly metadata: JsonObject },
): Promise<Record<string, unknown>> {
  const accessToken = randomSecret(deps.random);
  const freshSecret = randomSecret(deps.random);
  return await strangersStep(deps, request.origin, async (tx, assertSector) => {
    const entry = await ownRegistration(tx, request);
    const before = entry.value;
    const { client_id: sentId, client_secret: sentSecret } = presentMembers(request.metadata);
    if (sentId !== before.clientId) {
      throw new OAuthError("invalid_client_metadata", "client_id must be that of the client");
    }
    // A client cannot choose its secret: one that is sent must be the one that it has.
    if (sentSecret !== undefined) {
      const sent = await digest(String(sentSecret));
      // After a rotation by an operator, the client may not know the new one yet.
      const known = [before.secretDigest, livePreviousSecret(before, tx.now)?.secretDigest];
      const matches = known.map((one) => constantTimeEqual(sent, one ?? ""));
      if (!matches.includes(true)) {
        throw new OAuthError("invalid_client_metadata", "client_secret must be that of the client");
      }
    }
    const standing = operatorsMetadata(before);
    const given = { clientId: before.clientId, secret: freshSecret, standing };
    const { metadata: asked, vouched, statement } = await vouchedMetadata(
      deps,
      tx,
      request.metadata,
    );
    const metadata = strangerMetadata(deps.config, asked, { ...given, vouched });
    const method = metadata.token_endpoint_auth_method;
    const isSealed = method === "client_secret_jwt";
    const keeps = usesSecret(method) && before.secretDigest !== null &&
      (!isSealed || before.sealedSecret !== null);
    const kept = keeps
      ? {
        secretDigest: before.secretDigest,
        sealedSecret: isSealed ? before.sealedSecret : null,
      }
      : await keptSecretOf(deps.masterKey, metadata);
    const changed = {
      ...clientOf(metadata, kept, tx.now),
      createdAt: before.createdAt,
      previousSecret: keeps ? keptPrevious(before, isSealed) : null,
      registration: before.registration,
      operatorSet: before.operatorSet,
      expiresAt: before.expiresAt,
    };
    const client = await withNextToken(tx, changed, request, accessToken);
    assertSector(client);
    await assertOwnKeys(tx, client);
    clients.replace(tx, entry, client);
    auditEvents.append(tx, { type: "client_updated", clientId: client.clientId });
    const secret = keeps ? null : metadata.client_secret ?? null;
    return registrationResponse(deps.config, client, { accessToken, secret, statement });
  });
}

/** The secret before a rotation, which goes on working until its end. */
function keptPrevious({ previousSecret: previous }: Client, isSealed: boolean) {
  return previous && { ...previous, sealedSecret: isSealed ? previous.sealedSecret : null };
}

/** Deletes a client at its own wish. Everything that was issued to it becomes invalid. @see RFC 7592 section 2.3 */
export async function deleteRegistration(deps: Deps, request: ConfigurationRequest): Promise<void> {
  await deps.kv.step(request.origin, async (tx) => {
    const entry = await ownRegistration(tx, request);
    clients.remove(tx, entry);
    auditEvents.append(tx, { type: "client_deleted", clientId: request.clientId });
  });
}

/** @throws {OAuthError} `invalid_token`, also for a client that an operator registered */
async function ownRegistration(
  tx: Transaction,
  { clientId, token }: ConfigurationRequest,
): Promise<Present<Client>> {
  const isId = clientId.length > 0 && clientId.length <= 256;
  const { entry } = await tx.read({ entry: isId ? clients.ref(clientId) : null });
  const sent = await digest(token);
  const registration = entry?.value?.registration ?? null;
  const superseded = registration?.superseded ?? null;
  const matches = [
    registration?.accessTokenDigest,
    registration?.previousDigest,
    superseded !== null && tx.now < superseded.expiresAt ? superseded.digest : null,
  ]
    .map((known) => constantTimeEqual(sent, known ?? ""));
  if (entry === null || !isPresent(entry) || !matches.includes(true)) {
    throw wrongToken("the registration access token is not that of this client");
  }
  noteClient(clientId);
  return entry;
}

/** Seconds for which an unused token works after another request has made a newer one. */
const supersededLifetime = 60;

/**
 * The token that was used works until its successor is used. Two requests at once with one token get two
 * successors: the first one works for a minute more, because its receiver does not know of the second.
 */
async function withNextToken(
  { now }: Pick<Transaction, "now">,
  client: Client,
  { token }: ConfigurationRequest,
  next: string,
): Promise<Client> {
  const used = await digest(token);
  const before = client.registration;
  const isNewestUnused = before !== null && before.accessTokenDigest !== used;
  const registration = {
    accessTokenDigest: await digest(next),
    previousDigest: used,
    superseded: isNewestUnused
      ? { digest: before.accessTokenDigest, expiresAt: now + supersededLifetime }
      : before?.superseded ?? null,
  };
  return { ...client, registration };
}
