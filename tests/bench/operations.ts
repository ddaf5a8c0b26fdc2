import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { aClient, type ClientEntry } from "../support/clients.ts";
import type { Browser } from "../support/browser.ts";
import type { Target } from "./target.ts";

/** Something that a client does again and again. */
export interface Operation {
  readonly name: string;
  /** The algorithm of the token that it signs; null: it signs none. */
  readonly signature: Algorithm | null;
  /** Makes what one connection needs. @returns what it then repeats */
  prepare(target: Target, person: Browser): Promise<() => Promise<void>>;
}

type Algorithm = "RS256" | "ES256";
const algorithms = ["RS256", "ES256"] as const;
const kinds = [...algorithms, null];

export const person = { username: "alice", password: "correct horse battery" };

export const benchClients: readonly ClientEntry[] = algorithms.map((algorithm) =>
  aClient(algorithm, {
    skip_consent: true,
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    id_token_signed_response_alg: algorithm,
    scope: "openid profile offline_access read",
  })
);

export const benchResources = [
  { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt", clients: "any" },
];

/** The limits are on, but so wide that no load reaches them. */
export const benchLimits = {
  LATCHKEY_RATE_LIMITS: "on",
  LATCHKEY_RATE_LIMIT_ROUTE: "1000000/60",
  LATCHKEY_RATE_LIMIT_AUTHORIZE: "1000000/60",
  LATCHKEY_RATE_LIMIT_STRANGERS: "1000000/60",
  // All connections sign in as one person, and each holds the place of a guess until it is answered.
  LATCHKEY_RATE_LIMIT_SIGN_IN: "1000/60",
  LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT: "1000/60",
};

/** A client that may call the admin API. */
export const operator = aClient("operator", {
  redirect_uris: [],
  grant_types: ["client_credentials"],
  scope: "latchkey:admin",
});

/** A browser in which the person is signed in. */
export async function signedIn(target: Target): Promise<Browser> {
  const browser = target.browser();
  await browser.signInAndAllow(authorizeUrl(null), person);
  return browser;
}

export const operations: readonly Operation[] = [
  reading("JWKS", "/.well-known/jwks.json"),
  reading("discovery", "/.well-known/openid-configuration"),
  {
    name: "client_credentials",
    signature: null,
    prepare: (target) =>
      Promise.resolve(async () => {
        await post(target, "/token", null, { grant_type: "client_credentials" });
      }),
  },
  ...algorithms.map((signature): Operation => ({
    name: "client_credentials, JWT",
    signature,
    prepare: (target) =>
      Promise.resolve(async () => {
        const form = {
          grant_type: "client_credentials",
          resource: "https://api.example",
          scope: "read",
        };
        await post(target, "/token", signature, form);
      }),
  })),
  {
    name: "password sign-in, to the code",
    signature: null,
    prepare: (target) => Promise.resolve(async () => void await signedIn(target)),
  },
  ...kinds.map((signature): Operation => ({
    name: "code flow: authorize, exchange",
    signature,
    prepare: (target, browser) =>
      Promise.resolve(async () => void await codeFlow(target, browser, signature)),
  })),
  ...kinds.map((signature): Operation => ({
    name: "refresh",
    signature,
    async prepare(target, browser) {
      let { refresh_token } = await codeFlow(target, browser, signature);
      return async () => {
        const form = { grant_type: "refresh_token", refresh_token: String(refresh_token) };
        ({ refresh_token } = await post(target, "/token", signature, form));
      };
    },
  })),
  {
    name: "introspect",
    signature: null,
    async prepare(target, browser) {
      const { access_token } = await codeFlow(target, browser, null);
      return async () => {
        const { active } = await post(target, "/introspect", null, { token: String(access_token) });
        if (active !== true) throw new Error("the token is not active");
      };
    },
  },
  {
    name: "userinfo",
    signature: null,
    async prepare(target, browser) {
      const { access_token } = await codeFlow(target, browser, "ES256");
      const headers = { authorization: `Bearer ${access_token}` };
      return async () => void await answered(await target.send("/userinfo", { headers }));
    },
  },
  {
    name: "PAR: push",
    signature: null,
    prepare: (target) =>
      Promise.resolve(async () => {
        const form = Object.fromEntries(new URLSearchParams(authorizeUrl("ES256").split("?")[1]));
        await post(target, "/par", "ES256", form);
      }),
  },
  {
    name: "PAR: push, authorize, exchange",
    signature: "ES256",
    prepare: (target, browser) =>
      Promise.resolve(async () => {
        const form = Object.fromEntries(new URLSearchParams(authorizeUrl("ES256").split("?")[1]));
        const { request_uri } = await post(target, "/par", "ES256", form);
        const query = { client_id: "ES256", request_uri: String(request_uri) };
        await codeFlow(target, browser, "ES256", `/authorize?${new URLSearchParams(query)}`);
      }),
  },
  {
    name: "DPoP: client_credentials",
    signature: null,
    async prepare(target) {
      const prove = await aProver(target);
      return async () => {
        const form = { grant_type: "client_credentials" };
        await post(target, "/token", null, form, { dpop: await prove() });
      };
    },
  },
];

/** A document that everybody may read. */
function reading(name: string, path: string): Operation {
  return {
    name,
    signature: null,
    prepare: ({ send }) => Promise.resolve(async () => void await answered(await send(path))),
  };
}

/** Signs proofs with a key of its own; that the client pays for it is part of the load. */
async function aProver({ issuer, now }: Target): Promise<() => Promise<string>> {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  return () =>
    new SignJWT({ jti: crypto.randomUUID(), htm: "POST", htu: `${issuer}/token` })
      .setIssuedAt(now())
      .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
      .sign(pair.privateKey);
}

async function codeFlow(
  target: Target,
  browser: Browser,
  signature: Algorithm | null,
  url = authorizeUrl(signature),
) {
  const response = await browser.send(url);
  await response.body?.cancel();
  const code = new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
  return await post(target, "/token", signature, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(signature),
    code_verifier: codeVerifier,
  });
}

// The pair of RFC 7636 appendix B.
const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

function authorizeUrl(signature: Algorithm | null): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientOf(signature),
    redirect_uri: redirectUri(signature),
    scope: signature === null ? "profile" : "openid profile offline_access",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  });
  return `/authorize?${query}`;
}

function redirectUri(signature: Algorithm | null): string {
  return `https://${clientOf(signature)}.example/callback`;
}

/** For operations without ID tokens, any client will do. */
function clientOf(signature: Algorithm | null): Algorithm {
  return signature ?? "RS256";
}

async function post(
  { send }: Target,
  path: string,
  signature: Algorithm | null,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const client_id = clientOf(signature);
  const credentials = { client_id, client_secret: `the secret of ${client_id}` };
  const body = new URLSearchParams({ ...form, ...credentials });
  return await answered(await send(path, { method: "POST", body, headers }));
}

async function answered(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}
