import type { Client } from "../../stores/clients.ts";
import { mustSignRequests } from "../clients/must_sign.ts";
import type { Config } from "../config/config.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RequestSource } from "./request_source.ts";

/**
 * Refuses a request that nobody signed, where the client or the operator wants signed ones only.
 *
 * @throws {OAuthError} `invalid_request`
 * @see RFC 9101 section 10.5
 */
export function assertSignedIfMust(
  config: Pick<Config, "requireSignedRequestObject">,
  client: Client,
  source: RequestSource,
) {
  if (!mustSignRequests(config, client) || (source.kind !== "plain" && source.signed)) return;
  throw new OAuthError("invalid_request", "the request must be a signed request object");
}
