import { isSameClient, isUnchangedClient } from "../../stores/client_identity.ts";
import { type Entry, isPresent, type Present, type Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { GrantType } from "../../stores/grant_types.ts";
import * as grants from "../../stores/grants.ts";
import * as polled from "../../stores/polled.ts";
import type { Polled } from "../../stores/polled.ts";
import type { Provider } from "../../stores/provider.ts";
import { type Call, type Caller, readCaller, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { invalidGrant, OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { assertResourceIndicator } from "../protocol/parameters.ts";
import { assertVerified, redeem, type Redeemed } from "./redeem.ts";

/** What a client polls for. */
export interface PolledRequest<T extends Polled> {
  readonly grantType: GrantType;
  readonly confidential?: boolean;
  /** The parameter that holds the secret, for errors. */
  readonly parameter: "device_code" | "auth_req_id";
  /** Begins with the id of the grant that it may lead to: one batch reads both. */
  readonly secret: string;
  readonly at: Ref<T>;
  /** Undefined: the token request has none. */
  readonly codeVerifier?: string | undefined;
  /** By the token request. */
  readonly narrowed: Redeemed<T>["asked"];
  /**
   * Why nobody can answer any more; null: somebody can. A poll in time asks, while nobody has answered.
   * Absent: the request names no user.
   */
  readonly whyUnanswerable?: (
    tx: Transaction,
    client: AuthenticatedClient,
    asked: T,
    provider: Provider,
  ) => Promise<RefusalReason | null>;
}

/**
 * Answers the poll of a client: with tokens, once, when the user has allowed it.
 *
 * @throws {OAuthError} `authorization_pending`, `slow_down`, `access_denied`, `expired_token`;
 *   `invalid_grant` if the secret is unknown, another client's or spent. A replay that passes every binding
 *   check ends the grant.
 * @see RFC 8628 section 3.5, CIBA Core section 11
 */
export async function exchangePolled<T extends Polled>(
  deps: Deps,
  call: Call,
  request: PolledRequest<T>,
): Promise<TokenResponse> {
  const { grantType, confidential = false, parameter, narrowed, secret } = request;
  narrowed.resource.forEach(assertResourceIndicator);
  const [grantId = ""] = secret.split(".");
  return await clientStep(deps, call, async (tx) => {
    const { caller, grant, provider, ...found } = await readCaller(deps, tx, call, {
      grant: grants.ref(grantId),
      asked: request.at,
    }, { grantType, confidential });
    const { client } = caller;
    const asked = assertBindings(found.asked, client, { parameter, grantId, provider });
    // PKCE is not required, because no browser carries the secret. A client that has sent it is held to it.
    await assertVerified(asked.value.codeChallenge, request.codeVerifier);
    const binding = assertSender(caller, asked.value.confirmation);
    const { answer, spentBy, codesExpireAt } = asked.value;
    if (spentBy === null && tx.now >= codesExpireAt) {
      throw new OAuthError("expired_token", `${parameter} has expired: start again`);
    }
    if (answer === null) {
      return await notYet(
        tx,
        caller,
        asked,
        async () => await request.whyUnanswerable?.(tx, client, asked.value, provider) ?? null,
      );
    }
    if (answer === "denied") throw new OAuthError("access_denied", "the user did not allow it");

    return await redeem(deps, tx, {
      caller,
      binding,
      entry: asked,
      grant,
      provider,
      asked: narrowed,
      name: parameter,
      grantType,
    });
  });
}

/** @throws {OAuthError} `invalid_grant`. Nothing is spent, noted or revoked. */
function assertBindings<T extends Polled>(
  asked: Entry<T>,
  client: AuthenticatedClient,
  { parameter, grantId, provider }: {
    readonly parameter: string;
    readonly grantId: string;
    readonly provider: Provider;
  },
): Present<T> {
  const isOwn = (one: Polled) => one.providerEpoch === provider.epoch && one.grantId === grantId;
  if (!isPresent(asked) || !isOwn(asked.value)) {
    throw invalidGrant(`${parameter} is unknown or has expired`, "polled_unknown");
  }
  if (asked.value.clientId !== client.clientId || !isSameClient(client, asked.value)) {
    throw invalidGrant(`${parameter} was issued to another client`, "code_other_client");
  }
  if (!isUnchangedClient(client, asked.value)) {
    throw invalidGrant(
      `the client has changed how it authenticates since ${parameter} was issued`,
      "client_changed",
    );
  }
  return asked;
}

/**
 * Refuses a poll before the user has answered. A poll in time is noted. Of those that come too early, only
 * the first one after it is stored: it lengthens the interval. So a client that polls without a pause
 * costs two commits in each interval, and the interval grows.
 */
async function notYet<T extends Polled>(
  tx: Transaction,
  caller: Caller,
  asked: Present<T>,
  whyUnanswerable: () => Promise<RefusalReason | null>,
): Promise<never> {
  const { polledAt, interval, slowedDown } = asked.value;
  // Clocks count whole seconds here, so that two polls with five seconds between may seem one closer.
  const isEarly = polledAt !== null && tx.now - polledAt < interval - 1;
  const slow = new OAuthError("slow_down", "polls come too often: wait 5 seconds longer");
  if (isEarly && slowedDown) throw slow;
  // A poll that comes too early costs no further read.
  const reason = isEarly ? null : await whyUnanswerable();
  if (reason !== null) {
    throw new OAuthError("access_denied", "the user cannot allow it any more", { reason });
  }
  await spendProofs(tx, caller);
  if (isEarly) {
    polled.slowDown(tx, asked);
    return tx.refuse(slow);
  }
  polled.notePoll(tx, asked);
  return tx.refuse(new OAuthError("authorization_pending", "the user has not answered yet"));
}
