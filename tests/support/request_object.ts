import { UnsecuredJWT } from "jose";
import type { ClientKey } from "./client_assertion.ts";
import { issuer, type TestProvider } from "./provider.ts";
import { given, signedJwt } from "./signed_jwt.ts";

/** What is to be different from a right request object; undefined leaves a claim out. */
export interface ObjectOptions {
  readonly client?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** The claims of a right request object of a client, with the request that tests usually send. */
export function objectClaims(
  provider: TestProvider,
  { client = "shop", claims = {} }: ObjectOptions = {},
): Record<string, unknown> {
  const url = new URL(provider.authorizeUrl({ client }), issuer);
  const now = provider.clock.seconds();
  return given({
    ...Object.fromEntries(url.searchParams),
    state: "inside",
    iss: client,
    aud: issuer,
    iat: now,
    exp: now + 60,
    ...claims,
  });
}

/** A request object signed by a client's key. @see RFC 9101 section 4 */
export function signedObject(
  provider: TestProvider,
  key: ClientKey,
  options: ObjectOptions = {},
): Promise<string> {
  const header = { alg: "ES256", kid: "1", typ: "oauth-authz-req+jwt", ...options.header };
  return signedJwt(key.privateKey, objectClaims(provider, options), header);
}

/** One that nobody signed. */
export function unsignedObject(provider: TestProvider, options: ObjectOptions = {}): string {
  return new UnsecuredJWT(objectClaims(provider, options)).encode();
}
