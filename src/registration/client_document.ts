import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { clientStep } from "../callers/client_step.ts";
import { noSecret } from "../clients/kept_secret.ts";
import { type ClientMetadata, clientOf } from "../clients/metadata.ts";
import { challenge } from "../clients/methods/failed.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnKeys } from "../keys/assert_own_keys.ts";
import { reserveStranger } from "../limits/route.ts";
import { assertPassed, isRateLimited } from "../limits/too_many_requests.ts";
import { freshness } from "../outgoing/freshness.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { sharedWork } from "../outgoing/under_way.ts";
import { OAuthError } from "../protocol/errors.ts";
import { refusedMetadata, withSector } from "./sector.ts";
import { documentMetadata } from "./document_metadata.ts";

const mostBytes = 5 * 1024;
const day = 24 * 60 * 60;
/** Seconds after which a document that could not be fetched is tried again. */
const pause = 60;

/**
 * Reads the document of a client whose id is the URL of its metadata, if it is not known or no longer
 * fresh. The client is then a record as any other. If its document cannot be read any more, the record
 * stays as it was, with a warning in the log: what was granted lives on. A new authorization is refused
 * after a day.
 *
 * @param clientId one that `isDocumentUrl` accepts
 * @param beginsFlow whether somebody is going to be asked for consent
 * @throws {OAuthError} `invalid_client` if it is not known, and its document cannot be used; 429 if the
 *   request's own limits refuse the look: then nothing is stored, because the next request may be allowed it
 * @see draft-ietf-oauth-client-id-metadata-document-02
 */
export async function readClientDocument(
  deps: Deps,
  origin: Origin,
  clientId: string,
  { beginsFlow }: { readonly beginsFlow: boolean },
): Promise<void> {
  const known = await recordOf(deps, origin, clientId);
  // An operator's client may have a URL for its id; it has no document.
  if (known !== null && known.document === null) return;
  const now = deps.clock.seconds();
  const document = known?.document ?? null;
  if (document !== null && now < document.freshUntil) return;
  if (document === null || now >= document.triedAt + pause) {
    const isKnown = document !== null;
    const work = () => fetchAndKeep(deps, origin, { clientId, isKnown });
    await sharedWork(deps, `client document ${clientId}`, work);
  }
  if (!beginsFlow || document === null) return;
  const { document: latest = null } = await recordOf(deps, origin, clientId) ?? {};
  if (latest !== null && now < latest.freshUntil + day) return;
  throw new OAuthError("invalid_request", "the document at client_id cannot be read any more", {
    situation: "unknown_client",
    reason: "client_document_unreadable",
  });
}

async function recordOf(deps: Deps, origin: Origin, clientId: string): Promise<Client | null> {
  const { entry } = await deps.kv.step(origin, (tx) => tx.read({ entry: clients.ref(clientId) }));
  return entry.value;
}

interface Sought {
  readonly clientId: string;
  /** Whether the client has a record: its document was right once. */
  readonly isKnown: boolean;
}

async function fetchAndKeep(deps: Deps, origin: Origin, sought: Sought): Promise<void> {
  const { clientId } = sought;
  const found = await fetchDocument(deps, origin, sought).catch((error) => {
    const problem = problemOf(error);
    if (problem === null) throw error;
    deps.logger.warn(`the client document cannot be read: ${error.message}`, { clientId });
    if (!sought.isKnown) throw unusable(problem, error);
    return null;
  });
  // A record that anybody can have made, from any address and at any endpoint.
  if (found !== null && !sought.isKnown) assertPassed(await reserveStranger(deps));
  await clientStep(deps, { origin }, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref(clientId) });
    if (found === null) {
      // Neither errors nor invalid documents are kept.
      if (!isPresent(entry) || entry.value.document === null) return;
      const document = { ...entry.value.document, triedAt: tx.now };
      clients.keep(tx, entry, { ...entry.value, document });
      return;
    }
    const client = {
      ...clientOf(found.metadata, noSecret, tx.now),
      document: { triedAt: tx.now, freshUntil: tx.now + found.freshFor },
      // Use defers it, as with a client that registered itself.
      expiresAt: Math.max(entry.value?.expiresAt ?? 0, tx.now + found.freshFor + day),
    };
    await assertOwnKeys(tx, client);
    if (!isPresent(entry)) {
      clients.create(tx, client);
      auditEvents.append(tx, { type: "client_registered", clientId });
    } else if (entry.value.document !== null) {
      if (isChanged(entry.value, client)) {
        auditEvents.append(tx, { type: "client_updated", clientId });
      }
      clients.replace(tx, entry, client);
    }
  });
}

/** What a client's developer is told of an error; null: the document is not the cause. */
function problemOf(error: unknown): string | null {
  if (isRateLimited(error)) return null;
  if (error instanceof OAuthError) return error.description;
  if (!(error instanceof OutgoingRefused)) return null;
  // Nothing more: it would tell a stranger what this server can reach.
  return error.problem === "large" ? `it has more than ${mostBytes} bytes` : "it cannot be fetched";
}

/** A document is public, so its developer may know what is wrong with it. Nobody else finds that line. */
function unusable(problem: string, cause: unknown): OAuthError {
  return new OAuthError("invalid_client", `the document at client_id cannot be used: ${problem}`, {
    cause,
    headers: challenge,
    situation: "unknown_client",
    reason: "client_document_unusable",
  });
}

async function fetchDocument(
  deps: Deps,
  origin: Origin,
  { clientId: url, isKnown }: Sought,
): Promise<{ readonly metadata: ClientMetadata; readonly freshFor: number }> {
  const headers = { accept: "application/json" };
  const { status, headers: answered, bytes } = await sendOutgoing(deps, {
    url,
    headers,
    mostBytes,
    origin,
    knownClient: isKnown ? url : null,
  });
  const refuse = (problem: string) => new OAuthError("invalid_client_metadata", problem);
  if (status !== 200) throw refuse("its status is not 200");
  const type = (answered.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  // A page, or a file that users of that host have uploaded, is no document of its own will.
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    throw refuse("its content type is not JSON");
  }
  const freshFor = freshness(answered, { least: 300, most: day });
  const metadata = documentMetadata(deps.config, url, bytes);
  const sector = {
    sectorIdentifierUri: metadata.sector_identifier_uri ?? null,
    redirectUris: metadata.redirect_uris,
  };
  const options = { origin, isOperators: false, refused: refusedMetadata };
  // deno-lint-ignore require-await -- makes a thrown error a rejected promise
  await withSector(deps, options, async (assertSector) => assertSector(sector));
  return { metadata, freshFor };
}

/** Whether the document says anything else than before. */
function isChanged(before: Client, after: Client): boolean {
  const said = ({ document: _, expiresAt: __, createdAt: ___, updatedAt: ____, ...rest }: Client) =>
    canonicalJson({ ...rest, epoch: 0, grantsEndBefore: 0 });
  return said(before) !== said(after);
}
