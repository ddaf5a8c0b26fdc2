import { hostedUrl } from "../identifiers/loopback.ts";
import { calledUrl } from "./called_url.ts";

/**
 * What is wrong with a URL where a client is told something (`backchannel_logout_uri`,
 * `frontchannel_logout_uri`, `backchannel_client_notification_endpoint`), or null. Whether this server may
 * call it is decided when it does.
 *
 * @see OpenID Connect Back-Channel Logout section 2.2, OpenID Connect Front-Channel Logout section 2, CIBA
 *   Core section 4
 */
export function logoutUriProblem(text: string): string | null {
  const url = calledUrl(text);
  if (url === null) return "must be an https URL";
  // It is part of a content security policy, which spaces, commas and semicolons would end.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) return "must be printable ASCII without backslashes";
  if (text.includes("#")) return "must have no fragment";
  if (url.username || url.password) return "must have no user name or password";
  return text.length <= 2048 ? null : "must have at most 2048 characters";
}

/** Whether a URL has the scheme, host and port of a redirect URI. */
export function isOnOriginOf(uri: string, redirectUris: readonly string[]): boolean {
  const origin = URL.parse(uri)?.origin;
  return redirectUris.some((redirectUri) => hostedUrl(redirectUri)?.origin === (origin ?? null));
}

/** Whether a URL has the host of a redirect URI, at any port. */
export function isOnHostOf(uri: string, redirectUris: readonly string[]): boolean {
  const host = URL.parse(uri)?.hostname;
  return redirectUris.some((redirectUri) => hostedUrl(redirectUri)?.hostname === (host ?? null));
}
