import type { Client } from "../../stores/clients.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as pingOutbox from "../../stores/ping_outbox.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { sealPing } from "./sealed_ping.ts";

const longestToken = 1024;

/**
 * Seals how the client is told of the answer; null: it polls. A client that polls needs no token, and
 * nothing is kept of one that it sends.
 *
 * @throws {OAuthError} `invalid_request` unless a client that is pinged sends a bearer token
 * @see CIBA Core section 7.1, RFC 6750 section 2.1
 */
export async function sealedPingOf(
  deps: Deps,
  client: Client,
  { grantId, authReqId, token }: {
    readonly grantId: string;
    readonly authReqId: string;
    readonly token: string | undefined;
  },
): Promise<string | null> {
  if (client.backchannelTokenDeliveryMode !== "ping") return null;
  if (token === undefined) {
    throw new OAuthError("invalid_request", "client_notification_token is missing");
  }
  // It becomes a part of a header.
  if (token.length > longestToken || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    throw new OAuthError(
      "invalid_request",
      `client_notification_token must be a bearer token of at most ${longestToken} characters`,
    );
  }
  return await sealPing(deps, grantId, { authReqId, token });
}

/**
 * Adds the message that a user has answered, to the commit of the answer. It does not say what they have
 * answered. Call `deps.pingWakeUp.wake()` after the step.
 */
export function addPing(tx: Transaction, request: BackchannelRequest) {
  const { sealedPing: sealed, grantId, clientId, clientCreatedAt, codesExpireAt } = request;
  if (sealed === null) return;
  pingOutbox.add(tx, grantId, { clientId, clientCreatedAt, sealed, giveUpAt: codesExpireAt });
}
