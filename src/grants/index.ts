import {
  ciba,
  deviceCode,
  type GrantType,
  jwtBearer,
  tokenExchange,
} from "../../stores/grant_types.ts";
import { type Call, type ClientRequest, preparedCall } from "../callers/caller.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { exchangeCode } from "./authorization_code.ts";
import { exchangeClientCredentials } from "./client_credentials.ts";
import { exchangeRefreshToken } from "./refresh_token.ts";
import type { TokenResponse } from "../issuing/token_response.ts";

type Exchange = (deps: Deps, call: Call) => Promise<TokenResponse>;

/** The implicit grant has no token request. */
const exchanges: Readonly<Record<string, Exchange>> = {
  authorization_code: exchangeCode,
  refresh_token: exchangeRefreshToken,
  client_credentials: exchangeClientCredentials,
  // Few clients exchange tokens: it is loaded at first use.
  [tokenExchange]: async (deps, call) =>
    await (await import("./token_exchange.ts")).exchangeToken(deps, call),
  [jwtBearer]: async (deps, call) =>
    await (await import("./jwt_bearer.ts")).exchangeAssertion(deps, call),
  [deviceCode]: async (deps, call) =>
    await (await import("./device_code.ts")).exchangeDeviceCode(deps, call), // few servers need it
  [ciba]: async (deps, call) => await (await import("./ciba.ts")).exchangeAuthReqId(deps, call),
} satisfies Readonly<Record<Exclude<GrantType, "implicit">, Exchange>>;

/**
 * Answers a token request by its grant type.
 *
 * @throws {OAuthError} `unsupported_grant_type`, `invalid_dpop_proof`, and what the exchange throws
 * @see RFC 6749 section 5, RFC 9449 section 5
 */
export async function exchange(
  deps: Deps,
  request: ClientRequest,
): Promise<TokenResponse> {
  const exchangeX = exchangeFor(request.form.grant_type);
  return await exchangeX(deps, await preparedCall(deps, request));
}

function exchangeFor(grantType: string | string[] | undefined): Exchange {
  if (typeof grantType !== "string" || grantType === "") {
    throw new OAuthError("invalid_request", "grant_type is missing");
  }
  const exchange = Object.hasOwn(exchanges, grantType) ? exchanges[grantType] : undefined;
  if (exchange) return exchange;
  const known = Object.keys(exchanges).join(", ");
  throw new OAuthError("unsupported_grant_type", `grant_type must be one of ${known}`);
}
