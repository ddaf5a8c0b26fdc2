import { assertEquals } from "@std/assert";
import type { AuthorizeOptions, TestProvider } from "./provider.ts";

/** A token response that was 200. */
export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

/** Reads the JSON of a response that must be 200. */
export async function bodyOf<T>(response: Response): Promise<T> {
  const body = await response.json();
  assertEquals(response.status, 200, JSON.stringify(body));
  return body;
}

/** Reads a token response; what it does not hold is an empty text. */
export async function tokensOf(response: Response): Promise<Tokens> {
  return Object.assign({ refresh_token: "", id_token: "" }, await bodyOf<Tokens>(response));
}

/** Signs the person in, says yes, and exchanges the code. */
export async function signIn(provider: TestProvider, options: AuthorizeOptions = {}) {
  const code = await provider.authorize(options);
  return await tokensOf(
    await provider.exchange(code, options.client ? { client: options.client } : {}),
  );
}

/** The tokens that a refresh gives. */
export async function refreshed(provider: TestProvider, refreshToken: string): Promise<Tokens> {
  return await tokensOf(await provider.refresh(refreshToken));
}

/** Signs in for offline access, so that there is a refresh token. */
export function signInOffline(provider: TestProvider, options: AuthorizeOptions = {}) {
  const parameters = { scope: "openid profile email offline_access", ...options.parameters };
  return signIn(provider, { ...options, parameters });
}

/** Status and error code of an answer, as one text: `400 invalid_grant`. */
export async function answerOf(response: Response): Promise<string> {
  const text = await response.text();
  const error = text.startsWith("{") ? JSON.parse(text).error : undefined;
  return [response.status, error].filter((part) => part !== undefined).join(" ");
}

/** Asks userinfo with a token in the header. */
export function userinfo(provider: TestProvider, accessToken: string): Promise<Response> {
  return provider.request("/userinfo", { headers: { authorization: `Bearer ${accessToken}` } });
}

/** Asks the introspection endpoint about a token. */
export async function introspect(
  provider: TestProvider,
  token: string,
  client?: string,
): Promise<Record<string, unknown>> {
  const response = await provider.post("/introspect", { token, ...provider.credentials(client) });
  return await bodyOf(response);
}
