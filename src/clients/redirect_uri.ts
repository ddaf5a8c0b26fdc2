import type { Client } from "../../stores/clients.ts";

/**
 * Whether a request's redirect URI is one of the client's.
 *
 * @see RFC 9700 section 4.1.3, RFC 8252 section 7.3
 */
export function isRegisteredRedirectUri(client: Client, requested: string): boolean {
  // Exact match: a normalised URL would let /cb/../open through.
  if (client.redirectUris.includes(requested)) return true;
  return client.applicationType === "native" &&
    client.redirectUris.some((registered) => differsOnlyInLoopbackPort(registered, requested));
}

/** A native client cannot know the port that its system will give it. */
function differsOnlyInLoopbackPort(registered: string, requested: string): boolean {
  const origin = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?(?=[/?]|$)/;
  const ours = origin.exec(registered);
  const theirs = origin.exec(requested);
  if (!ours || !theirs || ours[1] !== theirs[1]) return false;
  if (!URL.canParse(requested)) return false; // a port that there cannot be
  return registered.slice(ours[0].length) === requested.slice(theirs[0].length);
}

/** Whether a URL stays on the machine of who opens it. */
export function isLoopback(uri: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(uri.hostname);
}
