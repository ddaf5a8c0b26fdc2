import * as clientKeys from "../../stores/client_keys.ts";
import type { ClientKeys } from "../../stores/client_keys.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { publishedKeys } from "../clients/jwks.ts";
import { registeredBy } from "../clients/registered_by.ts";
import type { ClientKeysNeeded } from "../clients/methods/assertion_signature.ts";
import type { Deps } from "../deps/deps.ts";
import type { OutgoingAnswer } from "../deps/transport.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { sharedWork } from "../outgoing/under_way.ts";
import { fetchAndKeep, type FoundKeys, keysFreshFor, type KeySource } from "./kept_keys.ts";

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
  const { client: { clientId }, jwksUri, triedAt } = needed;
  const source: KeySource<ClientKeys> = {
    at: clientKeys.ref(clientId),
    isOf: (kept) => kept.jwksUri === jwksUri,
    fetch: () => fetchKeys(deps, origin, needed),
    warn: (problem) =>
      deps.logger.warn(`the keys of the client "${clientId}" cannot be fetched: ${problem}`, {
        clientId,
      }),
    record: (keys) => ({ jwksUri, ...keys }),
  };
  const key = JSON.stringify(["client keys", clientId, jwksUri]);
  await sharedWork(deps, key, () => fetchAndKeep(deps, origin, source, triedAt));
}

async function fetchKeys(
  deps: Deps,
  origin: Origin,
  { client, jwksUri: url }: ClientKeysNeeded,
): Promise<FoundKeys> {
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
  return { keys, freshFor: keysFreshFor(answer.headers) };
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
