import { z } from "zod";
import * as issuerKeys from "../../stores/issuer_keys.ts";
import type { IssuerKeys } from "../../stores/issuer_keys.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { publishedKeys } from "../clients/jwks.ts";
import { type IssuerKeysNeeded, sourceOf } from "../clients/methods/issuer_signature.ts";
import type { IssuerSource } from "../config/trusted_issuers.ts";
import type { Deps } from "../deps/deps.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { sharedWork } from "../outgoing/under_way.ts";
import { jsonOrNull } from "../protocol/json_entry.ts";
import { fetchAndKeep, type FoundKeys, keysFreshFor, type KeySource } from "./kept_keys.ts";

const mostBytes = 64 * 1024;

/**
 * Fetches the keys of another issuer and stores them. A failure is logged, and stored as a try.
 *
 * @throws {OAuthError} 429 if the request's own limits refuse it
 */
export async function fetchIssuerKeys(
  deps: Deps,
  origin: Origin,
  { source: from, triedAt }: IssuerKeysNeeded,
): Promise<void> {
  const { issuer } = from;
  const source = sourceOf(from);
  const keySource: KeySource<IssuerKeys> = {
    at: issuerKeys.ref(issuer),
    isOf: (kept) => kept.source === source,
    fetch: () => fetchKeys(deps, origin, from),
    warn: (problem) =>
      deps.logger.warn(`the keys of the issuer "${issuer}" cannot be fetched: ${problem}`),
    record: (keys) => ({ source, ...keys }),
  };
  const key = JSON.stringify(["issuer keys", issuer]);
  await sharedWork(deps, key, () => fetchAndKeep(deps, origin, keySource, triedAt));
}

async function fetchKeys(
  deps: Deps,
  origin: Origin,
  { issuer, jwksUri }: IssuerSource,
): Promise<FoundKeys> {
  const url = jwksUri ?? await discoveredUri(deps, origin, issuer);
  // A URL that the issuer chose, and not the operator, could be that of any machine in our networks.
  const isOperators = jwksUri !== null || URL.parse(url)?.host === URL.parse(issuer)?.host;
  const { document, headers } = await fetchJson(deps, origin, { issuer, url, isOperators });
  const keys = publishedKeys(document);
  if (keys === null) throw new OutgoingRefused("unreachable", "there is no JWK set");
  return { keys, freshFor: keysFreshFor(headers) };
}

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string().max(2048) });

/** @see OpenID Connect Discovery section 4, RFC 8414 section 3 */
async function discoveredUri(deps: Deps, origin: Origin, issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { document } = await fetchJson(deps, origin, { issuer, url, isOperators: true });
  const parsed = metadataSchema.safeParse(document);
  // Another issuer's document would lead to another issuer's keys (RFC 8414 section 3.3).
  if (parsed.success && parsed.data.issuer === issuer) return parsed.data.jwks_uri;
  throw new OutgoingRefused("unreachable", "its metadata are not those of the issuer");
}

async function fetchJson(
  deps: Deps,
  origin: Origin,
  { issuer, url, isOperators }: {
    readonly issuer: string;
    readonly url: string;
    readonly isOperators: boolean;
  },
) {
  const answer = await sendOutgoing(deps, {
    url,
    headers: { accept: "application/json, application/jwk-set+json" },
    mostBytes,
    origin,
    knownClient: issuer,
    isOperators,
  });
  if (answer.status !== 200) throw new OutgoingRefused("unreachable", `status ${answer.status}`);
  const document = jsonOrNull(new TextDecoder().decode(answer.bytes));
  return { document, headers: answer.headers };
}
