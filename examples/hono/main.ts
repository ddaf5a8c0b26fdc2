import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import * as client from "openid-client";

const origin = "http://localhost:3000"; // never from the Host header, which anyone can set
const issuer = new URL(Deno.env.get("ISSUER") ?? "http://localhost:8000");
const secret = Deno.env.get("CLIENT_SECRET") ?? "development-only-secret-of-example-hono";

const config = await client.discovery(
  issuer,
  "example-hono",
  undefined,
  client.ClientSecretBasic(secret),
  // http is for loopback only.
  { execute: issuer.protocol === "http:" ? [client.allowInsecureRequests] : [] },
);

/** What a browser began and has not finished: nobody else can finish it. */
type Pending = { state: string; nonce: string; codeVerifier: string };
type SignedIn = { claims: client.IDToken; idToken: string };

// In memory, so a restart signs everybody out here. A real application has a store for this.
const pending = new Map<string, Pending>();
const sessions = new Map<string, SignedIn>();

const app = new Hono();

app.get("/", (c) => {
  const session = sessions.get(getCookie(c, "example_hono") ?? "");
  if (!session) return c.html(html`<p>Nobody is signed in. <a href="/login">Sign in</a></p>`);
  return c.html(html`
    <p>Signed in as ${session.claims.sub}.</p>
    <pre>${JSON.stringify(session.claims, null, 2)}</pre>
    <form method="post" action="/logout"><button>Sign out</button></form>
  `);
});

app.get("/login", async (c) => {
  const codeVerifier = client.randomPKCECodeVerifier();
  const begun = { state: client.randomState(), nonce: client.randomNonce(), codeVerifier };
  pending.set(newCookie(c), begun);
  return c.redirect(
    client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: "openid profile email",
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
    }),
  );
});

app.get("/callback", async (c) => {
  const id = getCookie(c, "example_hono") ?? "";
  const begun = pending.get(id);
  pending.delete(id);
  if (!begun) return c.text("This sign-in was not begun here, or is finished.", 400);

  const { search } = new URL(c.req.url);
  const tokens = await client.authorizationCodeGrant(
    config,
    new URL(`/callback${search}`, origin),
    {
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      pkceCodeVerifier: begun.codeVerifier,
      idTokenExpected: true,
    },
  );
  // A new session id, so that nobody who planted the old one is signed in with it.
  sessions.set(newCookie(c), { claims: tokens.claims()!, idToken: tokens.id_token! });
  return c.redirect("/");
});

app.post("/logout", (c) => {
  const id = getCookie(c, "example_hono") ?? "";
  const session = sessions.get(id);
  sessions.delete(id);
  if (!session) return c.redirect("/", 303);
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: session.idToken,
    post_logout_redirect_uri: `${origin}/`,
  });
  return c.redirect(url, 303);
});

app.onError((error, c) => {
  console.error(error);
  // What the provider said, such as access_denied, when the person refused.
  const refused = error instanceof client.AuthorizationResponseError;
  return c.text(refused ? `Not signed in: ${error.error}` : "Signing in failed.", 400);
});

function newCookie(c: Context): string {
  const id = client.randomState();
  // Lax: the callback comes from another site. Where there is https, add `secure` and `prefix`.
  setCookie(c, "example_hono", id, { httpOnly: true, sameSite: "Lax", path: "/" });
  return id;
}

Deno.serve({ port: 3000, hostname: "localhost" }, app.fetch);
