import type { BackchannelResponse } from "../../src/backchannel/request.ts";
import { accountBrowser } from "./account.ts";
import type { Browser, Landing } from "./browser.ts";
import type { ClientKey } from "./client_assertion.ts";
import { aClient, type ClientEntry } from "./clients.ts";
import { issuer, type TestProvider } from "./provider.ts";
import type { ObjectOptions } from "./request_object.ts";
import { given, signedJwt } from "./signed_jwt.ts";
import { bodyOf } from "./tokens.ts";

export const cibaGrant = "urn:openid:params:grant-type:ciba";

type Form = Readonly<Record<string, string | undefined>>;

/** A client that asks users who are elsewhere, such as a bank's call centre. */
export function aCallCentre(id = "bank", members: Record<string, unknown> = {}): ClientEntry {
  return aClient(id, {
    redirect_uris: [],
    grant_types: [cibaGrant, "refresh_token"],
    backchannel_token_delivery_mode: "poll",
    scope: "openid profile email offline_access",
    ...members,
  });
}

export function askBackchannel(
  provider: TestProvider,
  parameters: Form = {},
  client = "bank",
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = { scope: "openid profile", ...provider.credentials(client), ...parameters };
  return provider.post("/backchannel_authentication", form, headers);
}

/** Begins a request to Alice. */
export async function beginBackchannel(
  provider: TestProvider,
  parameters: Form = {},
  client = "bank",
  headers: Record<string, string> = {},
): Promise<BackchannelResponse> {
  const asked = { login_hint: "alice", ...parameters };
  return await bodyOf(await askBackchannel(provider, asked, client, headers));
}

export function pollBackchannel(
  provider: TestProvider,
  auth_req_id: string,
  client = "bank",
  parameters: Form = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = { grant_type: cibaGrant, auth_req_id, ...provider.credentials(client) };
  return provider.post("/token", { ...form, ...parameters }, headers);
}

/** Answers the last request on the page. @returns the page of the outcome */
export async function answerBackchannel(
  provider: TestProvider,
  decision: "allow" | "deny" = "allow",
  browser?: Browser,
): Promise<Landing> {
  const used = browser ?? await accountBrowser(provider);
  return await used.submit(await used.open("/account/requests"), { decision });
}

/** The claims of a right signed request to Alice. @see CIBA Core section 7.1.1 */
export function requestClaims(
  provider: TestProvider,
  { client = "bank", claims = {} }: ObjectOptions = {},
): Record<string, unknown> {
  const now = provider.clock.seconds();
  return given({
    scope: "openid profile",
    login_hint: "alice",
    iss: client,
    aud: issuer,
    iat: now,
    nbf: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...claims,
  });
}

/** A request signed by a client's key. */
export function signedBackchannel(
  provider: TestProvider,
  key: ClientKey,
  options: ObjectOptions = {},
): Promise<string> {
  const header = { alg: "ES256", kid: "1", ...options.header };
  return signedJwt(key.privateKey, requestClaims(provider, options), header);
}
