import type { Entry, Ref } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { AuthorizationRequest } from "../../stores/interaction_request.ts";
import type { Provider } from "../../stores/provider.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { carriedUntil } from "../interactions/carried.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/** The source of an authorization request's parameters, and what its answer spends. */
export type RequestSource =
  /** From the browser itself. */
  | { readonly kind: "plain" }
  /** From the client, which pushed them. The record may have expired since the request began. */
  | {
    readonly kind: "pushed";
    readonly record: Entry<PushedRequest>;
    /** The client's epoch at the push; null: an earlier release stored the request without it. */
    readonly clientEpoch: number | null;
  };

/** @see RFC 9126 section 2.2 */
export const requestUriPrefix = "urn:ietf:params:oauth:request_uri:";

/** The place of the pushed request that a request names; null if it names none of this server. */
export async function pushedRequestRef(raw: RawParameters): Promise<Ref<PushedRequest> | null> {
  const requestUri = raw.request_uri;
  if (typeof requestUri !== "string" || !requestUri.startsWith(requestUriPrefix)) return null;
  return await pushedRequests.ref(requestUri);
}

/**
 * The parameters of a request from its source. If it was pushed, parameters that the browser adds are
 * ignored.
 *
 * @param pushed the record at `pushedRequestRef`
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
  const { parameters, clientEpoch } = value;
  return { parameters, source: { kind: "pushed", record: pushed, clientEpoch } };
}

/** What a stored request remembers of its source. */
type KeptSource = Pick<AuthorizationRequest, "requestUriDigest" | "clientEpoch">;

/** The source of a stored request. @param pushed the record at its `requestUriDigest` */
export function sourceOf(kept: KeptSource, pushed: Entry<PushedRequest> | null): RequestSource {
  if (pushed === null) return { kind: "plain" };
  const clientEpoch = kept.clientEpoch ?? pushed.value?.clientEpoch ?? null;
  return { kind: "pushed", record: pushed, clientEpoch };
}

/** What a stored request remembers: the record of the push may expire before the request is answered. */
export function keptSource(source: RequestSource): KeptSource {
  if (source.kind === "plain") return { requestUriDigest: null, clientEpoch: null };
  const { record, clientEpoch } = source;
  return { requestUriDigest: pushedRequests.digestOf(record.ref), clientEpoch };
}

/**
 * @throws {OAuthError} `invalid_request_uri` if another browser or tab was answered first, or if the
 *   client has changed its secret since: the secret of the push may have been stolen
 */
export function assertUnspent(source: RequestSource, client: Client) {
  if (source.kind !== "pushed") return;
  const isSpent = source.record.value !== null && source.record.value.spentBy !== null;
  const isOfOldSecret = source.clientEpoch !== null && source.clientEpoch !== client.epoch;
  if (isSpent || isOfOldSecret) throw unusable();
}

/** Spends the source of a request, in the commit that answers it. */
export function spendSource(
  deps: Deps,
  tx: Transaction,
  source: RequestSource,
  outcome: { readonly clientId: string; readonly spentBy: string },
) {
  if (source.kind !== "pushed") return;
  // Longer than a browser can carry this request, so that it is refused for all of that time.
  const expiresAt = carriedUntil(deps, tx.now) + 600;
  pushedRequests.consume(tx, source.record, { ...outcome, expiresAt });
}

function unusable(): OAuthError {
  return new OAuthError(
    "invalid_request_uri",
    "request_uri is unknown, has expired or was already used: start again at the application",
  );
}
