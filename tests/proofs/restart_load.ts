import type { Browser } from "../support/browser.ts";

export interface LoadOptions {
  readonly person: { readonly username: string; readonly password: string };
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
  readonly browser: () => Browser;
}

/** Clients and people that go on until they are stopped. */
export interface Load {
  stop(): Promise<{ readonly requests: number; readonly failures: readonly string[] }>;
}

// The pair of RFC 7636 appendix B.
const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/** Milliseconds between two requests of one client: the machine is to be busy, not full. */
const thinkTime = 30;

/**
 * Starts clients that ask for tokens, refresh them, use them and read discovery, and a person who
 * signs in again and again. An answer that is not what they wait for is a failure.
 */
export async function startLoad({ person, send, browser }: LoadOptions): Promise<Load> {
  let requests = 0;
  let isStopped = false;
  const failures: string[] = [];

  const first = await Promise.all(Array.from({ length: 4 }, () => signIn()));
  const work: Promise<void>[] = [
    ...Array.from({ length: 5 }, () => again(() => post("/token", service))),
    ...Array.from({ length: 3 }, () => again(() => answered("/.well-known/jwks.json"))),
    ...first.map((tokens) => {
      let refresh_token = tokens.refresh_token ?? "";
      return again(async () => {
        // A lost answer would end the chain: the next token of this family never arrives.
        const answer = await post("/token", { ...shop, ...refreshGrant, refresh_token });
        refresh_token = answer.refresh_token ?? refresh_token;
        const headers = { authorization: `Bearer ${answer.access_token}` };
        await answered("/userinfo", { headers });
      });
    }),
    again(signIn, 500),
  ];
  requests = 0;
  return {
    async stop() {
      isStopped = true;
      await Promise.all(work);
      return { requests, failures };
    },
  };

  async function again(once: () => Promise<unknown>, pause = thinkTime) {
    while (!isStopped) {
      await once().catch((error) => failures.push(String(error)));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async function signIn(): Promise<Record<string, string>> {
    const landed = await browser().signInAndAllow(authorizePath, person);
    requests += 4; // the request itself, the sign-in page, the password, the answer to the client
    const code = landed.searchParams.get("code");
    if (code === null) throw new Error(`a sign-in ended at ${landed}`);
    return await post("/token", { ...shop, ...codeGrant, code });
  }

  function post(path: string, form: Record<string, string>): Promise<Record<string, string>> {
    return answered(path, { method: "POST", body: new URLSearchParams(form) });
  }

  async function answered(path: string, init?: RequestInit): Promise<Record<string, string>> {
    requests++;
    const response = await send(path, init);
    const text = await response.text();
    if (response.status === 200) return JSON.parse(text);
    throw new Error(
      `${new Date().toISOString()} ${path}: ${response.status} ${text.slice(0, 200)}`,
    );
  }
}

const service = {
  grant_type: "client_credentials",
  client_id: "service",
  client_secret: "the secret of service",
};
const shop = { client_id: "shop", client_secret: "the secret of shop" };
const redirect_uri = "https://shop.example/callback";
const codeGrant = { grant_type: "authorization_code", code_verifier: codeVerifier, redirect_uri };
const refreshGrant = { grant_type: "refresh_token" };
const authorizePath = `/authorize?${new URLSearchParams({
  response_type: "code",
  client_id: "shop",
  redirect_uri,
  scope: "openid offline_access",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
})}`;
