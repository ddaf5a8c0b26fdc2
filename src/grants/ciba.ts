import { z } from "zod";
import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { ciba } from "../../stores/grant_types.ts";
import type { Provider } from "../../stores/provider.ts";
import * as users from "../../stores/users.ts";
import type { Call } from "../callers/caller.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { noteUser } from "../protocol/refusals.ts";
import { stillLives } from "../sessions/still_lives.ts";
import { exchangePolled } from "./polled.ts";
import { detailsParameter, resourceParameter, secretParameter } from "./request_parameters.ts";

const parameters = z.object({
  auth_req_id: secretParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
});

/** Answers the poll of a client. @throws {OAuthError} as `exchangePolled` @see CIBA Core section 10.1 */
export async function exchangeAuthReqId(deps: Deps, call: Call): Promise<TokenResponse> {
  const { auth_req_id: secret, ...narrowed } = parseParameters(parameters, call.form);
  return await exchangePolled(deps, call, {
    grantType: ciba,
    confidential: true,
    parameter: "auth_req_id",
    secret,
    at: backchannelRequests.ref(secret),
    narrowed,
    whyUnanswerable,
  });
}

/**
 * Why the user whom the client means cannot answer any more; null: they can. They were suspended, reset or
 * deleted since the request, or may no longer use the client.
 */
async function whyUnanswerable(
  tx: Transaction,
  client: AuthenticatedClient,
  { userId, userEpoch: epoch, providerEpoch }: BackchannelRequest,
  provider: Provider,
): Promise<RefusalReason | null> {
  const { user } = await tx.read({ user: users.ref(userId) });
  if (user.value?.status === "suspended") {
    noteUser(userId);
    return "asked_user_suspended";
  }
  const canAnswer = stillLives({ userId, epoch, providerEpoch }, { user, provider }) &&
    user.value !== null && mayUse(client, user.value);
  return canAnswer ? null : "access_denied";
}
