import type { Client } from "../../stores/clients.ts";
import { isLoopback } from "../identifiers/web_url.ts";

/** Whether the pages of an origin are the client's: exactly one of those that it registered. */
export function isWebOrigin(client: Client, origin: string | null): boolean {
  return origin !== null && client.webOrigins.includes(origin);
}

/** What is wrong with an origin that a client wants to register, or null. @see RFC 6454 section 6.2 */
export function webOriginProblem(text: string): string | null {
  const url = URL.parse(text);
  // As browsers send it in Origin, where it is compared character by character.
  if (url === null || url.origin !== text || text.includes("*")) {
    return "must be an origin as browsers send it, such as https://shop.example, without wildcards";
  }
  if (url.protocol === "https:") return null;
  if (url.protocol === "http:" && isLoopback(url)) return null;
  return "must be https, except on a loopback address";
}
