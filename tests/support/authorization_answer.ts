import { assertEquals } from "@std/assert";
import { createLocalJWKSet, type JWTPayload, jwtVerify } from "jose";
import { formOf, type Landing } from "./browser.ts";
import { issuer, type TestProvider } from "./provider.ts";

/** The carrier of an answer, and its parameters. */
export function carried({ url, body, response }: Landing): [string, Record<string, string>] {
  if (url.origin === issuer) {
    assertEquals(response.status, 200);
    return ["form_post", formOf(body).hidden];
  }
  if (url.hash !== "") {
    return ["fragment", Object.fromEntries(new URLSearchParams(url.hash.slice(1)))];
  }
  return ["query", Object.fromEntries(url.searchParams)];
}

/** The claims of a JWT that the provider has signed. */
export async function verified(
  provider: TestProvider,
  jwt: string,
  audience = "shop",
): Promise<JWTPayload> {
  const keys = await (await provider.request("/.well-known/jwks.json")).json();
  const currentDate = new Date(provider.clock.seconds() * 1000);
  const options = { issuer, audience, currentDate };
  return (await jwtVerify(jwt, createLocalJWKSet(keys), options)).payload;
}

/** The parameters of an answer, out of the JWT if they are in one. */
export async function opened(
  provider: TestProvider,
  parameters: Record<string, string>,
  isJwt: boolean,
  client = "shop",
): Promise<Record<string, unknown>> {
  if (!isJwt) return parameters;
  assertEquals(Object.keys(parameters), ["response"]);
  const { aud, exp, iat, ...rest } = await verified(provider, parameters.response ?? "", client);
  assertEquals([aud, (exp ?? 0) - (iat ?? 0)], [client, 60]);
  return rest;
}
