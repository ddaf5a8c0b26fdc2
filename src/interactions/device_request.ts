import type { Client } from "../../stores/clients.ts";
import { deviceCode } from "../../stores/grant_types.ts";
import {
  assertNoDeviceSso,
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";

const names = [
  "acr_values",
  "authorization_details",
  "claims",
  "code_challenge",
  "code_challenge_method",
  "dpop_jkt",
  "login_hint",
  "max_age",
  "nonce",
  "resource",
  "scope",
  "ui_locales",
] as const;

/**
 * The parameters of a device authorization request that count. No user is at the device, so `prompt` has no
 * meaning, and there is no redirect. Everything else is ignored.
 *
 * @see RFC 8628 section 3.1, RFC 6749 section 3.1
 */
export function deviceParameters(raw: RawParameters): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const name of names) {
    const value = raw[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Reads them by the rules of an authorization request. @throws {OAuthError} an error for the client */
export function parseDeviceParameters(raw: RawParameters): AuthorizationRequestParameters {
  const request = parseAuthorizationParameters({
    ...deviceParameters(raw),
    response_type: "code",
  });
  assertNoDeviceSso(request);
  return request;
}

/**
 * The client of a device, as it is registered now: it may have changed since the request.
 *
 * @throws {OAuthError} shown on a page of this server
 */
export function deviceClient(client: Client | null): Client {
  if (client === null) {
    throw new OAuthError("invalid_client", "the device's application is not registered any more", {
      situation: "unknown_client",
      reason: "client_id_unknown",
    });
  }
  if (client.grantTypes.includes(deviceCode)) return client;
  throw new OAuthError(
    "unauthorized_client",
    `the device's application is not registered for ${deviceCode} any more`,
  );
}
