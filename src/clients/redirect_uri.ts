import type { Client } from "../../stores/clients.ts";
import { isLoopback } from "../identifiers/web_url.ts";
import { mayRedirectTo } from "./profile.ts";
import { privateUseSchemeProblem } from "./private_use_scheme.ts";

/**
 * Whether a request's redirect URI is one of the client's.
 *
 * @see RFC 9700 section 4.1.3, RFC 8252 section 7.3
 */
export function isRegisteredRedirectUri(client: Client, requested: string): boolean {
  return mayRedirectTo(client, requested) && isAmong(client, client.redirectUris, requested);
}

/**
 * Whether a request may send the user there after a sign-out. A native client listens for that as it does
 * for a code, at a port that it did not know before.
 *
 * @see OpenID Connect RP-Initiated Logout section 3, RFC 8252 section 7.3
 */
export function isRegisteredLogoutUri(client: Client, requested: string): boolean {
  return isAmong(client, client.postLogoutRedirectUris, requested);
}

function isAmong(client: Client, uris: readonly string[], requested: string): boolean {
  // Exact match: a normalised URL would let /cb/../open through.
  if (uris.includes(requested)) return true;
  return client.applicationType === "native" &&
    uris.some((registered) => differsOnlyInLoopbackPort(registered, requested));
}

/** A native client cannot know the port that its system will give it. */
function differsOnlyInLoopbackPort(registered: string, requested: string): boolean {
  const origin = /^(http:\/\/(?:\[[0-9a-f:]+\]|[a-z0-9.-]+))(?::\d{1,5})?(?=[/?]|$)/;
  const ours = origin.exec(registered);
  const theirs = origin.exec(requested);
  if (!ours || !theirs || ours[1] !== theirs[1]) return false;
  const url = URL.parse(requested);
  if (url === null || !isLoopback(url)) return false; // null: a port that there cannot be
  return registered.slice(ours[0].length) === requested.slice(theirs[0].length);
}

/**
 * Whether all redirect URIs of a client are on the user's own machine: then any program there may pass for
 * the client.
 *
 * @see draft-ietf-oauth-client-id-metadata-document-02 section 6
 */
export function hasOnlyLoopback({ redirectUris }: Pick<Client, "redirectUris">): boolean {
  return redirectUris.every((text) => {
    const uri = URL.parse(text);
    return uri !== null && uri.protocol === "http:" && isLoopback(uri);
  });
}

/**
 * What is wrong with a redirect URI that a client wants to register, or null.
 *
 * @see RFC 6749 section 3.1.2, RFC 8252 sections 7 and 8.4, RFC 9700 section 2.1
 */
export function redirectUriProblem(
  text: string,
  applicationType: "web" | "native",
): string | null {
  if (!URL.canParse(text)) return "must be an absolute URI";
  // Where a parser would quietly change the text, browsers would not be sent to what was registered.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) {
    return "must be printable ASCII without spaces and backslashes: percent-encode others, \
and write an international host in its ASCII form";
  }
  if (/^https?:(?!\/\/[^/])/i.test(text)) return "must have two slashes before the host";
  const uri = new URL(text);
  if (text.includes("#")) return "must have no fragment";
  if (text.includes("*")) return "must have no wildcard: each is matched exactly";
  if (uri.username || uri.password) return "must have no user name or password";
  if (uri.protocol === "https:") return null;
  if (uri.protocol === "http:") {
    return isLoopback(uri) ? null : "must be https, except on a loopback address";
  }
  if (applicationType !== "native") {
    return "must be https; a private-use scheme needs application_type native";
  }
  return privateUseSchemeProblem(text);
}
