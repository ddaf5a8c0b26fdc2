import { hostedUrl } from "../identifiers/web_url.ts";

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
