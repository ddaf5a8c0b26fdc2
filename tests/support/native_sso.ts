import { aPublicClient, type ClientEntry } from "./clients.ts";
import { issuer, type TestProvider } from "./provider.ts";
import { grantType, idTokenType } from "./token_exchange.ts";
import { signIn, type Tokens } from "./tokens.ts";

export const deviceSecretType = "urn:openid:params:token-type:device-secret";

export interface DeviceTokens extends Tokens {
  readonly device_secret?: string;
  readonly issued_token_type?: string;
}

/** An application on a phone, which shares sign-ins with the others of its vendor. */
export function anApp(client_id: string, members: Record<string, unknown> = {}): ClientEntry {
  return aPublicClient(client_id, {
    grant_types: ["authorization_code", "refresh_token", grantType],
    scope: "openid profile email offline_access device_sso",
    native_sso: "acme",
    skip_consent: true,
    ...members,
  });
}

/** Signs in to an application, which gets a device secret. */
export async function signInOnDevice(
  provider: TestProvider,
  client = "mail",
  options: Parameters<typeof signIn>[1] = {},
): Promise<DeviceTokens & { readonly device_secret: string }> {
  const parameters = { scope: "openid email device_sso", ...options.parameters };
  const tokens: DeviceTokens = await signIn(provider, { ...options, client, parameters });
  const { device_secret } = tokens;
  if (device_secret === undefined) throw new Error("there is no device secret");
  return { ...tokens, device_secret };
}

/** Sends the ID token and the device secret of one application, to sign in to another. */
export function shareSignIn(
  provider: TestProvider,
  { id_token, device_secret = "" }: Pick<DeviceTokens, "id_token" | "device_secret">,
  { client = "calendar", parameters = {}, headers = {} }: {
    readonly client?: string;
    readonly parameters?: Readonly<Record<string, string | undefined>>;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Response> {
  return provider.post("/token", {
    grant_type: grantType,
    audience: issuer,
    subject_token: id_token,
    subject_token_type: idTokenType,
    actor_token: device_secret,
    actor_token_type: deviceSecretType,
    ...provider.credentials(client),
    ...parameters,
  }, headers);
}
