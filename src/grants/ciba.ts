import { z } from "zod";
import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import { ciba } from "../../stores/grant_types.ts";
import type { Call } from "../callers/caller.ts";
import type { Deps } from "../deps/deps.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { exchangePolled } from "./polled.ts";
import { detailsParameter, resourceParameter } from "./request_parameters.ts";

const parameters = z.object({
  auth_req_id: z.string("is missing").max(256),
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
  });
}
