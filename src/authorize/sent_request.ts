import type { Client } from "../../stores/clients.ts";
import type { Entry, Ref } from "../../stores/engine/collection.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import type { Provider } from "../../stores/provider.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import type { Deps } from "../deps/deps.ts";
import { AuthorizationError, requestedClientId, responseTarget } from "../interactions/target.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { pushedRequestRef, requestFrom, type RequestSource } from "./request_source.ts";

/** An authorization request as the browser brought it. */
export interface SentRequest {
  readonly clientId: string;
  readonly parameters: RawParameters;
  /** The place of the pushed request that it names; null: it names none of this server. */
  readonly pushedRef: Ref<PushedRequest> | null;
  /** Its request object, or why there is none where there should be; null: it needs none. */
  readonly object: { readonly jwt: string } | { readonly error: OAuthError } | null;
}

/**
 * Reads what a browser brought, before the step: a request object by reference is fetched here.
 *
 * @throws {OAuthError} `invalid_request` without a client
 * @see RFC 9101 section 5
 */
export async function sentRequest(
  deps: Deps,
  origin: Origin,
  parameters: RawParameters,
): Promise<SentRequest> {
  const clientId = requestedClientId(parameters);
  const { request, request_uri: requestUri } = parameters;
  const pushedRef = await pushedRequestRef(parameters);
  const sent = { clientId, parameters, pushedRef };
  if (request === undefined && (requestUri === undefined || pushedRef !== null)) {
    return { ...sent, object: null };
  }
  const refused = (description: string) => ({
    ...sent,
    object: { error: new OAuthError("invalid_request", description) },
  });
  if (Array.isArray(request)) return refused("request must occur only once");
  if (Array.isArray(requestUri)) return refused("request_uri must occur only once");
  if (request !== undefined) {
    if (requestUri !== undefined) return refused("request and request_uri exclude each other");
    return { ...sent, object: { jwt: request } };
  }
  const { fetchRequestObject } = await import("./request_by_reference.ts");
  try {
    const jwt = await fetchRequestObject(deps, origin, { clientId, requestUri: requestUri ?? "" });
    return { ...sent, object: { jwt } };
  } catch (error) {
    if (error instanceof OAuthError) return { ...sent, object: { error } };
    throw error;
  }
}

/**
 * The parameters that count, and their source: of a pushed request and of a request object all are
 * inside, and others are ignored.
 *
 * @param pushed the record at `pushedRef`
 * @throws {AuthorizationError} `invalid_request_object`, `invalid_request_uri`, if the browser brought a
 *   redirect URI of the client, too
 * @throws {OAuthError} the same, shown on a page of this server
 * @throws {ClientKeysNeeded} `clientStep` handles it
 */
export async function readRequest(
  deps: Deps,
  tx: Transaction,
  sent: SentRequest,
  { client, pushed, provider }: {
    readonly client: Entry<Client>;
    readonly pushed: Entry<PushedRequest> | null;
    readonly provider: Provider;
  },
): Promise<{ readonly parameters: RawParameters; readonly source: RequestSource }> {
  const { clientId, parameters, object } = sent;
  if (object === null) {
    if (pushed !== null) return requestFrom(pushed, { clientId, provider });
    return { parameters, source: { kind: "plain" } };
  }
  try {
    if ("error" in object) throw object.error;
    const { readRequestObject } = await import("./request_object.ts"); // few clients need it
    return await readRequestObject(deps, tx, client.value, object.jwt);
  } catch (error) {
    throw error instanceof OAuthError ? toldOutside(client.value, parameters, error) : error;
  }
}

/** The error as it goes to the redirect URI outside of the object, if that is one of the client's. */
function toldOutside(
  client: Client | null,
  { request: _, request_uri: __, ...outside }: RawParameters,
  error: OAuthError,
): Error {
  try {
    // Without one outside, the one that counts may be inside.
    const { redirect_uri = "" } = outside;
    const { target } = responseTarget(client, { ...outside, redirect_uri });
    return new AuthorizationError(error, target);
  } catch (other) {
    if (other instanceof AuthorizationError) return new AuthorizationError(error, other.target);
    // An unknown client gets the same page as without an object.
    if (other instanceof OAuthError) return client === null ? other : error;
    throw other;
  }
}
