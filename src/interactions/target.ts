import type { Client } from "../../stores/clients.ts";
import { mustNameRedirectUri } from "../clients/profile.ts";
import { isRegisteredRedirectUri } from "../clients/redirect_uri.ts";
import { OAuthError, type OAuthErrorOptions } from "../protocol/errors.ts";
import { noteClient } from "../protocol/refusals.ts";
import {
  isLongInUrl,
  keptParameters,
  tooLongInUrl,
  tooLongToKeep,
} from "../protocol/kept_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { carriers, responseModes } from "../protocol/response_modes.ts";
import { carriesTokens } from "../protocol/response_type.ts";

/** Where the answer of an authorization request is sent. It is one of the client's own redirect URIs. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly responseMode: (typeof carriers)[number];
  readonly state: string | null;
  /** The client for which the answer is one signed JWT; null: the parameters are sent as they are. */
  readonly signedFor: Client | null;
}

/** An error that is sent to the client through the browser. @see RFC 6749 section 4.1.2.1 */
export class AuthorizationError extends Error {
  override readonly name = "AuthorizationError";
  constructor(readonly error: OAuthError, readonly target: ResponseTarget) {
    super(error.message, { cause: error });
  }
}

/**
 * Finds the client and the redirect URI of a request. Before both are known, no browser is redirected:
 * an open redirector would help phishers (RFC 9700 section 4.11).
 *
 * @throws {OAuthError} shown on a page of this server
 */
export function responseTarget(
  client: Client | null,
  raw: RawParameters,
): { client: Client; target: ResponseTarget } {
  if (client === null) throw unknownClient();
  noteClient(client.clientId);
  const redirectUri = requestedRedirectUri(client, raw);
  const inFront = carriesTokens(raw.response_type);
  const usual = inFront ? "fragment" : "query";
  const mode = responseModes.find((known) => known === (raw.response_mode ?? usual));
  const asked = carriers.find((carrier) => mode?.split(".")[0] === carrier) ?? usual;
  const state = raw.state ?? null;
  const target: ResponseTarget = {
    redirectUri,
    // Tokens never go into a query, and neither do the errors of such a request.
    responseMode: inFront && asked === "query" ? "fragment" : asked,
    state: typeof state === "string" ? state : null,
    signedFor: mode?.endsWith("jwt") ? client : null,
  };
  if (Array.isArray(state)) throw refused("state must occur only once");
  // The answer must return it (RFC 6749 section 4.1.2.1), so this error cannot be sent to the client.
  if (state !== null && isLongInUrl(state)) throw new OAuthError("invalid_request", tooLongInUrl);
  // The request may have to be stored while the user is asked, and anybody can send it.
  const tooLong = tooLongToKeep(keptParameters(raw));
  if (tooLong !== null) throw refused(tooLong);
  if (mode === undefined) {
    throw refused(`response_mode must be one of ${responseModes.join(", ")}`);
  }
  if (inFront && asked === "query") {
    throw refused("response_mode must not be query: response_type has a token");
  }
  if (
    !client.grantTypes.includes("authorization_code") && !client.responseTypes.some(carriesTokens)
  ) {
    throw new AuthorizationError(
      new OAuthError("unauthorized_client", "the client is not registered for response_type code"),
      target,
    );
  }
  return { client, target };

  function refused(description: string) {
    return new AuthorizationError(new OAuthError("invalid_request", description), target);
  }
}

/** The client id of a request, if it can be one. @throws {OAuthError} `invalid_request` */
export function requestedClientId(raw: RawParameters): string {
  const clientId = raw.client_id;
  if (clientId === undefined) throw new OAuthError("invalid_request", "client_id is missing");
  if (typeof clientId !== "string") {
    throw new OAuthError("invalid_request", "client_id must occur only once");
  }
  if (clientId === "" || clientId.length > 256) {
    throw unknownClient();
  }
  return clientId;
}

function unknownClient(): OAuthError {
  return new OAuthError("invalid_client", "client_id names an unknown application", {
    situation: "unknown_client",
    reason: "client_id_unknown",
  });
}

function requestedRedirectUri(client: Client, raw: RawParameters): string {
  const requested = raw.redirect_uri;
  const refused = (description: string, options?: OAuthErrorOptions) =>
    new OAuthError("invalid_request", description, options);
  if (Array.isArray(requested)) throw refused("redirect_uri must occur only once");
  if (requested === undefined) {
    const only = usualRedirectUri(client, raw);
    if (only === null) throw refused("redirect_uri is missing");
    return only;
  }
  if (isRegisteredRedirectUri(client, requested)) return requested;
  throw refused("redirect_uri is not one that the application registered", {
    situation: "redirect_uri_mismatch",
    developmentDetails: {
      received: requested,
      registered: client.redirectUris.join(" "),
    },
  });
}

/**
 * The redirect URI of a request that names none: the client's only one. OpenID Connect and FAPI want it
 * named.
 *
 * @see RFC 6749 section 3.1.2.3, OpenID Connect Core section 3.1.2.1, FAPI 2.0 section 5.3.2.2
 */
function usualRedirectUri(client: Client, { scope }: RawParameters): string | null {
  const [only, ...more] = client.redirectUris;
  const isOpenId = [scope ?? ""].flat().some((names) => names.split(" ").includes("openid"));
  if (only === undefined || more.length > 0 || isOpenId || mustNameRedirectUri(client)) return null;
  return isRegisteredRedirectUri(client, only) ? only : null;
}
