import { CompactEncrypt, type CryptoKey, importJWK, type JWK, SignJWT } from "jose";
import { type Browser, formOf, type Landing, newBrowser } from "../../support/browser.ts";

/**
 * What a relying party knows of the server process and of itself, as JSON: it may run in another
 * process. The modules of this folder that use it run on Deno and on Node.
 */
export interface World {
  readonly issuer: string;
  /** Where it publishes what the server fetches, and reads what the server has sent. */
  readonly inbox: string;
  /** The same place, as the server reaches it. */
  readonly published: string;
  /** Signs assertions, request objects. */
  readonly signingKey: JWK;
  /** Opens what is encrypted. */
  readonly encryptionKey: JWK;
  /** The key of another authorization server, whose assertions count. */
  readonly trustedKey: JWK;
  readonly user: { readonly username: string; readonly password: string };
  /** The header that the proxy in front of the server adds for the client's certificate. */
  readonly certificate: Readonly<Record<string, string>>;
}

/** A relying party in a mode, by one library. It throws if the mode does not work. */
export type Mode = (world: World, browser: Browser) => Promise<void>;
export type Modes = Readonly<Record<string, Mode>>;

/** Two APIs, with the same scope. */
export const [api, stock] = ["https://api.example/", "https://stock.example/"];
export const trustedIssuer = "https://idp.example";
export const otherServer = "https://chat.example";
export const redirectUri = (client: string) => `https://${client}.example/callback`;
/** Long enough for HMAC. */
export const secretOf = (client: string) => `the long, long, long secret of ${client}`;

/** A browser with cookies of its own. */
export function aBrowser({ issuer }: World): Browser {
  return newBrowser((path, init) => fetch(new URL(path, issuer), init), issuer);
}

/** Where the answer of an authorization request arrives: its URL, or the form that is posted there. */
export function arrived(world: World, { url, body }: Landing): URL | Request {
  if (url.origin !== world.issuer) return url;
  const { action, hidden } = formOf(body);
  return new Request(action, { method: "POST", body: new URLSearchParams(hidden) });
}

/** The parameters of an answer, however it arrives. */
export async function told(world: World, landing: Landing): Promise<URLSearchParams> {
  const answer = arrived(world, landing);
  if (answer instanceof Request) return new URLSearchParams(await answer.text());
  return new URLSearchParams(answer.hash === "" ? answer.search : answer.hash.slice(1));
}

export async function keyOf(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk);
  if (key instanceof Uint8Array) throw new Error("a secret is no key pair");
  return key;
}

/** An assertion of the other server about the user: an ID-JAG, or a plain JWT. */
export async function assertionFor(world: World, client: string, kind: "id-jag" | "jwt") {
  const typ = kind === "id-jag" ? "oauth-id-jag+jwt" : "JWT";
  return await new SignJWT({ client_id: client, jti: crypto.randomUUID(), scope: "openid email" })
    .setProtectedHeader({ alg: "ES256", typ, kid: "idp" })
    .setIssuer(trustedIssuer).setSubject(world.user.username).setAudience(world.issuer)
    .setIssuedAt().setExpirationTime("2m").sign(await keyOf(world.trustedKey));
}

/** A request object that only the server can read, made as docs/clients.md says. */
export async function encrypted({ issuer }: World, signedRequestObject: string): Promise<string> {
  const { keys } = await (await fetch(`${issuer}/.well-known/jwks.json`)).json();
  const key = keys.find(({ use, kty }: JWK) => use === "enc" && kty === "EC");
  return await new CompactEncrypt(new TextEncoder().encode(signedRequestObject))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: key.kid, cty: "JWT" })
    .encrypt(await importJWK(key, "ECDH-ES"));
}

/** Waits for what the server sends to a place. */
export async function received(
  { inbox }: World,
  name: string,
): Promise<{ readonly authorization: string | null; readonly body: string }> {
  const until = Date.now() + 60_000; // on a busy machine the server's loop is late
  while (Date.now() < until) {
    const response = await fetch(`${inbox}/${name}`);
    if (response.status === 200) return await response.json();
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing arrived at ${name}`);
}

/** Publishes a text where the server fetches it. @returns its URL */
export async function publish({ inbox, published }: World, name: string, text: string) {
  await (await fetch(`${inbox}/${name}`, { method: "PUT", body: text })).body?.cancel();
  return `${published}/${name}`;
}

export const types = {
  deviceCode: "urn:ietf:params:oauth:grant-type:device_code",
  jwtBearer: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  tokenExchange: "urn:ietf:params:oauth:grant-type:token-exchange",
  ciba: "urn:openid:params:grant-type:ciba",
  accessToken: "urn:ietf:params:oauth:token-type:access_token",
  idToken: "urn:ietf:params:oauth:token-type:id_token",
  idJag: "urn:ietf:params:oauth:token-type:id-jag",
};
