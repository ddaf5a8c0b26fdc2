import { aClient } from "./clients.ts";
import type { TestProvider } from "./provider.ts";
import { bodyOf, signIn } from "./tokens.ts";

export const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
export const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
export const jwtType = "urn:ietf:params:oauth:token-type:jwt";
export const idTokenType = "urn:ietf:params:oauth:token-type:id_token";

export const [orders, stock, bank] = [
  "https://orders.example",
  "https://stock.example",
  "https://bank.example",
];
export const apis = [
  { resource: orders, scopes: ["read", "write", "admin"] },
  { resource: stock, scopes: ["read", "write", "count"], access_token_format: "jwt" },
  { resource: bank, scopes: ["read"] },
];
export const exchanger = {
  grant_types: [grantType, "client_credentials"],
  redirect_uris: [],
  post_logout_redirect_uris: [],
  scope: "openid email read write count",
};
/** An application, and the API for orders, which calls the one for the stock in the name of who called it. */
export const clients = [
  aClient("shop", {
    grant_types: ["authorization_code", "refresh_token", "client_credentials", grantType],
    scope: "openid profile email offline_access read write admin",
  }),
  aClient("api", {
    ...exchanger,
    token_exchange: { subject_audiences: [orders], resources: [stock] },
  }),
];

export type Form = Readonly<Record<string, string | undefined>>;
export interface Sender {
  readonly client?: string;
  readonly headers?: Record<string, string>;
}

/** Sends the token for another one, which the parameters describe. */
export function exchange(
  provider: TestProvider,
  subject_token: string,
  parameters: Form = {},
  { client = "api", headers = {} }: Sender = {},
): Promise<Response> {
  return provider.post("/token", {
    grant_type: grantType,
    subject_token,
    subject_token_type: accessTokenType,
    ...provider.credentials(client),
    ...parameters,
  }, headers);
}

export interface Exchanged extends Readonly<Record<string, unknown>> {
  readonly access_token: string;
  readonly expires_in: number;
}

/** The answer, which is a token. */
export async function exchanged(
  provider: TestProvider,
  subjectToken: string,
  parameters: Form = {},
  sender: Sender = {},
): Promise<Exchanged> {
  return await bodyOf(await exchange(provider, subjectToken, parameters, sender));
}

/** Signs in for the API for orders. */
export function signInForOrders(provider: TestProvider, scope = "read write") {
  const parameters = { scope: `openid email ${scope}`, resource: orders };
  return signIn(provider, { client: "shop", parameters });
}
