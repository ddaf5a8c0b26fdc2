import type { Entry, Ref } from "../../stores/engine/collection.ts";
import type { Client } from "../../stores/clients.ts";
import type { Provider } from "../../stores/provider.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/** @see RFC 9126 section 2.2 */
export const requestUriPrefix = "urn:ietf:params:oauth:request_uri:";

/** Points at the pushed request that a request names; null if it names none of ours. */
export async function pushedRequestRef(raw: RawParameters): Promise<Ref<PushedRequest> | null> {
  const requestUri = raw.request_uri;
  if (typeof requestUri !== "string" || !requestUri.startsWith(requestUriPrefix)) return null;
  return await pushedRequests.ref(requestUri);
}

/**
 * The parameters of a pushed request, for the client that pushed it. What the browser adds to the
 * request counts for nothing.
 *
 * @throws {OAuthError} `invalid_request_uri` if it is unknown, expired, spent, or another client's
 * @see RFC 9126 section 4
 */
export function pushedParameters(
  entry: Entry<PushedRequest>,
  clientId: string,
  provider: Provider,
): RawParameters {
  const pushed = entry.value;
  if (
    pushed !== null && pushed.spentBy === null && pushed.clientId === clientId &&
    pushed.providerEpoch === provider.epoch
  ) return pushed.parameters;
  throw unusable();
}

/**
 * @throws {OAuthError} `invalid_request_uri` if another browser or tab was answered first, or the
 *   client has changed its secret since: the one that the request came with may have been stolen
 */
export function assertUnspent(entry: Entry<PushedRequest>, client: Client) {
  if (entry.value === null) return;
  if (entry.value.spentBy !== null || entry.value.clientEpoch !== client.epoch) throw unusable();
}

function unusable(): OAuthError {
  return new OAuthError(
    "invalid_request_uri",
    "request_uri is unknown, has expired or was used: start again at the application",
  );
}
