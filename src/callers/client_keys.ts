import * as clientKeys from "../../stores/client_keys.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { publishedKeys } from "../clients/jwks.ts";
import { registeredBy } from "../clients/registered_by.ts";
import type { ClientKeysNeeded } from "../clients/methods/assertion_signature.ts";
import type { Deps } from "../deps/deps.ts";
import type { OutgoingAnswer } from "../deps/transport.ts";
import { freshness } from "../outgoing/freshness.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { sharedWork } from "../outgoing/under_way.ts";

/** Seconds for which keys are used if they cannot be fetched again. */
const longestStale = 24 * 60 * 60;
const mostBytes = 32 * 1024;

/**
 * Fetches the keys at a client's `jwks_uri` and stores them. A failure is logged, and stored as a try.
 *
 * @throws {OAuthError} 429 if the request's own limits refuse the look: then nothing is stored, because
 *   the next request may be allowed it
 */
export async function fetchClientKeys(
  deps: Deps,
  origin: Origin,
  needed: ClientKeysNeeded,
): Promise<void> {
  const key = JSON.stringify(["client keys", needed.client.clientId, needed.jwksUri]);
  await sharedWork(deps, key, () => fetchAndKeep(deps, origin, needed));
}

async function fetchAndKeep(deps: Deps, origin: Origin, needed: ClientKeysNeeded) {
  const { client: { clientId }, jwksUri } = needed;
  if (await isTriedSince(deps, origin, needed)) return;
  const found = await fetchKeys(deps, origin, needed).catch((error) => {
    if (!(error instanceof OutgoingRefused)) throw error;
    deps.logger.warn(`the keys of the client "${clientId}" cannot be fetched: ${error.message}`, {
      clientId,
    });
    return null;
  });
  await deps.kv.step(origin, async (tx) => {
    const { entry } = await tx.read({ entry: clientKeys.ref(clientId) });
    const before = entry.value?.jwksUri === jwksUri ? entry.value : null;
    const tried = { jwksUri, triedAt: tx.now };
    if (found !== null) {
      const freshUntil = tx.now + found.freshFor;
      const expiresAt = freshUntil + longestStale;
      clientKeys.keep(tx, entry, { ...tried, keys: found.keys, freshUntil, expiresAt });
    } else if (before !== null) clientKeys.keep(tx, entry, { ...before, ...tried });
    else {
      const nothing = { keys: [], freshUntil: tx.now, expiresAt: tx.now + 3600 };
      clientKeys.keep(tx, entry, { ...tried, ...nothing });
    }
  });
}

/** Whether another request has looked for the keys after the step that needs them had read them. */
async function isTriedSince(
  deps: Deps,
  origin: Origin,
  { client: { clientId }, jwksUri, triedAt }: ClientKeysNeeded,
): Promise<boolean> {
  const { entry } = await deps.kv.step(
    origin,
    (tx) => tx.read({ entry: clientKeys.ref(clientId) }),
  );
  return entry.value?.jwksUri === jwksUri && (triedAt === null || entry.value.triedAt > triedAt);
}

async function fetchKeys(
  deps: Deps,
  origin: Origin,
  { client, jwksUri: url }: ClientKeysNeeded,
): Promise<{ readonly keys: PublicJwk[]; readonly freshFor: number }> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  // Otherwise a stranger chose its `jwks_uri`.
  const isOperators = registeredBy(client) === "operator";
  const knownClient = isOperators || hostOf(client.clientId) === hostOf(url)
    ? client.clientId
    : null;
  const answer = await sendOutgoing(deps, {
    url,
    headers,
    mostBytes,
    origin,
    knownClient,
    isOperators,
  });
  const keys = answer.status === 200 ? publishedKeys(jsonIn(answer)) : null;
  if (keys === null) {
    throw new OutgoingRefused("unreachable", "there is no JWK set at its jwks_uri");
  }
  return { keys, freshFor: freshness(answer.headers, { least: 60, usual: 3600, most: 86_400 }) };
}

/** Null if it has none, as most client ids. */
function hostOf(text: string): string | null {
  return URL.parse(text)?.hostname ?? null;
}

function jsonIn({ bytes }: OutgoingAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
