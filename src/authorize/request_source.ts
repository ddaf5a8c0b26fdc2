import type { Entry, Ref } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { carriedUntil } from "../interactions/carried.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/** Where the parameters of an authorization request come from, and what its answer spends with it. */
export type RequestSource =
  /** From the browser itself. */
  | { readonly kind: "plain" }
  /** From the client, which pushed them. The record may have expired since the request began. */
  | { readonly kind: "pushed"; readonly record: Entry<PushedRequest> };

/** @see RFC 9126 section 2.2 */
export const requestUriPrefix = "urn:ietf:params:oauth:request_uri:";

/** Points at the pushed request that a request names; null if it names none of ours. */
export async function pushedRequestRef(raw: RawParameters): Promise<Ref<PushedRequest> | null> {
  const requestUri = raw.request_uri;
  if (typeof requestUri !== "string" || !requestUri.startsWith(requestUriPrefix)) return null;
  return await pushedRequests.ref(requestUri);
}

/**
 * The parameters of a request as its source has them: of a pushed one, what the browser adds counts for
 * nothing.
 *
 * @param pushed what was read at `pushedRequestRef`
 * @throws {OAuthError} `invalid_request_uri` if it is unknown, expired, spent, or another client's
 * @see RFC 9126 section 4
 */
export function requestFrom(
  sent: RawParameters,
  pushed: Entry<PushedRequest> | null,
  { clientId, provider }: { readonly clientId: string; readonly provider: Provider },
): { readonly parameters: RawParameters; readonly source: RequestSource } {
  if (pushed === null) return { parameters: sent, source: { kind: "plain" } };
  const { value } = pushed;
  if (
    value === null || value.spentBy !== null || value.clientId !== clientId ||
    value.providerEpoch !== provider.epoch
  ) throw unusable();
  return { parameters: value.parameters, source: { kind: "pushed", record: pushed } };
}

/** The source of a request that was kept. @param pushed what was read at its `requestUriDigest` */
export function keptSource(pushed: Entry<PushedRequest> | null): RequestSource {
  return pushed === null ? { kind: "plain" } : { kind: "pushed", record: pushed };
}

/** By what a kept request remembers its source. */
export function requestUriDigestOf(source: RequestSource): string | null {
  return source.kind === "pushed" ? pushedRequests.digestOf(source.record.ref) : null;
}

/**
 * @throws {OAuthError} `invalid_request_uri` if another browser or tab was answered first, or the
 *   client has changed its secret since: the one that the request came with may have been stolen
 */
export function assertUnspent(source: RequestSource, client: Client) {
  if (source.kind !== "pushed" || source.record.value === null) return;
  const { spentBy, clientEpoch } = source.record.value;
  if (spentBy !== null || clientEpoch !== client.epoch) throw unusable();
}

/** Spends what a request came by, in the commit that answers it. */
export function spendSource(
  deps: Deps,
  tx: Transaction,
  source: RequestSource,
  outcome: { readonly clientId: string; readonly spentBy: string },
) {
  if (source.kind !== "pushed") return;
  // Longer than a browser carries a request that this one may have been: it is refused to the end.
  const expiresAt = carriedUntil(deps, tx.now) + 600;
  pushedRequests.consume(tx, source.record, { ...outcome, expiresAt });
}

function unusable(): OAuthError {
  return new OAuthError(
    "invalid_request_uri",
    "request_uri is unknown, has expired or was used: start again at the application",
  );
}
