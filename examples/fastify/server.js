import { randomBytes } from "node:crypto";
import process from "node:process";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import session from "@fastify/session";
import fastify from "fastify";
import * as client from "openid-client";

const origin = "http://localhost:3000"; // never from the Host header, which anyone can set
const issuer = new URL(process.env.ISSUER ?? "http://localhost:8000");
const secret = process.env.CLIENT_SECRET ?? "development-only-secret-of-example-fastify";

const config = await client.discovery(
  issuer,
  "example-fastify",
  undefined,
  client.ClientSecretPost(secret),
  // http is for loopback only.
  { execute: issuer.protocol === "http:" ? [client.allowInsecureRequests] : [] },
);

const app = fastify();
await app.register(cookie);
await app.register(formbody);
// Sessions in memory: a restart signs everybody out here. A real application has a store for this.
await app.register(session, {
  cookieName: "example_fastify",
  secret: randomBytes(32).toString("base64url"),
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: "lax", secure: false }, // `secure: true` where there is https
});

app.get("/", (request, reply) => {
  const { claims } = request.session;
  reply.type("text/html");
  if (!claims) return `<p>Nobody is signed in. <a href="/login">Sign in</a></p>`;
  return `
    <p>Signed in as ${escapeHtml(claims.sub)}.</p>
    <pre>${escapeHtml(JSON.stringify(claims, null, 2))}</pre>
    <form method="post" action="/logout"><button>Sign out</button></form>
  `;
});

app.get("/login", async (request, reply) => {
  const codeVerifier = client.randomPKCECodeVerifier();
  const begun = { state: client.randomState(), nonce: client.randomNonce(), codeVerifier };
  request.session.begun = begun;
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${origin}/callback`,
    scope: "openid profile email",
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  });
  return reply.redirect(url.href);
});

app.get("/callback", async (request, reply) => {
  const { begun } = request.session;
  request.session.begun = undefined;
  if (!begun) return reply.code(400).send("This sign-in was not begun here, or is finished.");

  const tokens = await client.authorizationCodeGrant(config, new URL(request.url, origin), {
    expectedState: begun.state,
    expectedNonce: begun.nonce,
    pkceCodeVerifier: begun.codeVerifier,
    idTokenExpected: true,
  });
  // A new session id, so that nobody who planted the old one is signed in with it.
  await request.session.regenerate();
  request.session.claims = tokens.claims();
  request.session.idToken = tokens.id_token;
  return reply.redirect("/");
});

app.post("/logout", async (request, reply) => {
  const { idToken } = request.session;
  await request.session.destroy();
  if (!idToken) return reply.redirect("/", 303);
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: idToken,
    post_logout_redirect_uri: `${origin}/`,
  });
  return reply.redirect(url.href, 303);
});

app.setErrorHandler((error, _request, reply) => {
  console.error(error);
  // What the provider said, such as access_denied, when the person refused.
  const refused = error instanceof client.AuthorizationResponseError;
  reply.code(400).send(refused ? `Not signed in: ${error.error}` : "Signing in failed.");
});

/** Claims are what people wrote about themselves: never markup. */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

await app.listen({ port: 3000, host: "localhost" });
console.log(`Open ${origin}`);
