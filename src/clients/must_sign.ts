import type { Client } from "../../stores/clients.ts";
import type { Config } from "../config/config.ts";

/**
 * Whether a client must sign what it asks for, because it is registered so or the operator wants it of all:
 * authorization requests, and requests to users who are elsewhere.
 *
 * @see RFC 9101 section 10.5, CIBA Core section 7.1.1
 */
export function mustSignRequests(
  config: Pick<Config, "requireSignedRequestObject">,
  client: Pick<Client, "requireSignedRequestObject">,
): boolean {
  return client.requireSignedRequestObject || config.requireSignedRequestObject;
}
