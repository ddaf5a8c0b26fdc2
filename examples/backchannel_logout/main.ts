import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";

const origin = Deno.env.get("APP_URL") ?? "http://localhost:3000"; // never from the Host header
const issuer = Deno.env.get("ISSUER") ?? "http://localhost:8000";
const clientId = "example-backchannel-logout";
const secret = Deno.env.get("CLIENT_SECRET") ?? `development-only-secret-of-${clientId}`;

// http is for loopback only.
const execute = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
const authentication = client.ClientSecretBasic(secret);
const config = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
  execute,
});

// In memory, so a restart signs everybody out here. A real application has a store for this.
const pending = new Map<string, { state: string; codeVerifier: string }>();
const sessions = new Map<string, client.IDToken>();

const app = new Hono();

app.get("/", (c) => {
  const claims = sessions.get(getCookie(c, "example_logout") ?? "");
  if (!claims) return c.html(html`<p>Nobody is signed in. <a href="/login">Sign in</a></p>`);
  return c.html(html`<p>Signed in as ${claims.sub}. Sign out at ${issuer}/logout</p>`);
});

app.get("/login", async (c) => {
  const begun = { state: client.randomState(), codeVerifier: client.randomPKCECodeVerifier() };
  pending.set(newCookie(c), begun);
  return c.redirect(
    client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: "openid",
      state: begun.state,
      code_challenge: await client.calculatePKCECodeChallenge(begun.codeVerifier),
      code_challenge_method: "S256",
    }),
  );
});

app.get("/callback", async (c) => {
  const id = getCookie(c, "example_logout") ?? "";
  const begun = pending.get(id);
  pending.delete(id);
  if (!begun) return c.text("This sign-in was not begun here, or is finished.", 400);
  const url = new URL(`/callback${new URL(c.req.url).search}`, origin);
  const tokens = await client.authorizationCodeGrant(config, url, {
    expectedState: begun.state,
    pkceCodeVerifier: begun.codeVerifier,
    idTokenExpected: true,
  });
  // A new session id, so that nobody who planted the old one is signed in with it.
  sessions.set(newCookie(c), tokens.claims()!);
  return c.redirect("/");
});

const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
const event = "http://schemas.openid.net/event/backchannel-logout";

app.post("/backchannel-logout", async (c) => {
  const { logout_token: token } = await c.req.parseBody();
  try {
    const { payload } = await jwtVerify(String(token), keys, {
      issuer,
      audience: clientId,
      typ: "logout+jwt",
      requiredClaims: ["iat", "exp", "jti", "sid", "events"],
    });
    const { events, nonce, sid } = payload as { events: object; nonce?: unknown; sid?: unknown };
    if (!(event in events) || nonce !== undefined) return c.body(null, 400);
    for (const [id, claims] of sessions) if (claims.sid === sid) sessions.delete(id);
    return c.body(null, 204);
  } catch {
    return c.body(null, 400);
  }
});

function newCookie(c: Context): string {
  const id = client.randomState();
  // Lax: the callback comes from another site. Where there is https, add `secure` and `prefix`.
  setCookie(c, "example_logout", id, { httpOnly: true, sameSite: "Lax", path: "/" });
  return id;
}

const { hostname, port } = new URL(origin);
Deno.serve({ hostname, port: Number(port) }, app.fetch);
