import { calledUrlProblem } from "../identifiers/web_url.ts";

/**
 * What is wrong with a URL from which a request object may be fetched, or null. It may have a fragment, by
 * which a client says that the object there is a new one.
 *
 * @see OpenID Connect Dynamic Client Registration section 2, `request_uris`, OpenID Connect Core section 6.2
 */
export function requestUriProblem(text: string): string | null {
  return shortHttpsProblem(withoutFragment(text), text.length);
}

/** What is wrong with a `sector_identifier_uri`, or null. @see OpenID Connect Core section 8.1 */
export function sectorUriProblem(text: string): string | null {
  return shortHttpsProblem(text, text.length);
}

/** The part of a URL that is sent to its server. */
export function withoutFragment(url: string): string {
  const [sent = ""] = url.split("#", 1);
  return sent;
}

function shortHttpsProblem(url: string, length: number): string | null {
  if (URL.parse(url)?.protocol !== "https:") return "must be an https URL";
  return length <= 512 ? calledUrlProblem(url) : "must have at most 512 characters";
}
