import { z } from "zod";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import { deviceCode } from "../../stores/grant_types.ts";
import type { Call } from "../callers/caller.ts";
import type { Deps } from "../deps/deps.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { exchangePolled } from "./polled.ts";
import {
  codeVerifierParameter,
  detailsParameter,
  resourceParameter,
  secretParameter,
} from "./request_parameters.ts";

const parameters = z.object({
  device_code: secretParameter,
  code_verifier: codeVerifierParameter,
  resource: resourceParameter,
  authorization_details: detailsParameter,
});

/** Answers the poll of a device. @throws {OAuthError} as `exchangePolled` @see RFC 8628 section 3.4 */
export async function exchangeDeviceCode(deps: Deps, call: Call): Promise<TokenResponse> {
  const { device_code: secret, code_verifier: codeVerifier, ...narrowed } = parseParameters(
    parameters,
    call.form,
  );
  return await exchangePolled(deps, call, {
    grantType: deviceCode,
    parameter: "device_code",
    secret,
    codeVerifier,
    at: deviceAuthorizations.ref(secret),
    narrowed,
  });
}
