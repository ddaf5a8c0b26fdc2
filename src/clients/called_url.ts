import { isLoopbackName } from "../identifiers/loopback.ts";

/**
 * A URL from which this server may fetch something for a client: https, or http on this machine. Whether it
 * may be called is decided when it is.
 *
 * @returns null: it is no such URL
 */
export function calledUrl(text: string): URL | null {
  const url = URL.parse(text);
  if (url?.protocol === "https:") return url;
  return url?.protocol === "http:" && isLoopbackName(url) ? url : null;
}
