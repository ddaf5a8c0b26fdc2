import { randomBytes } from "node:crypto";
import process from "node:process";
import { promisify } from "node:util";
import express from "express";
import session from "express-session";
import * as client from "openid-client";

const origin = "http://localhost:3000"; // never from the Host header, which anyone can set
const issuer = new URL(process.env.ISSUER ?? "http://localhost:8000");
const secret = process.env.CLIENT_SECRET ?? "development-only-secret-of-example-express";

const config = await client.discovery(
  issuer,
  "example-express",
  undefined,
  client.ClientSecretBasic(secret),
  // http is for loopback only.
  { execute: issuer.protocol === "http:" ? [client.allowInsecureRequests] : [] },
);

const app = express();

// Sessions in memory: a restart signs everybody out here. A real application has a store for this.
app.use(session({
  name: "example_express",
  secret: randomBytes(32).toString("base64url"),
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: "lax" }, // and `secure: true` where there is https
}));

app.get("/", (req, res) => {
  const { claims } = req.session;
  if (!claims) return res.send(`<p>Nobody is signed in. <a href="/login">Sign in</a></p>`);
  res.send(`
    <p>Signed in as ${escapeHtml(claims.sub)}.</p>
    <pre>${escapeHtml(JSON.stringify(claims, null, 2))}</pre>
    <form method="post" action="/logout"><button>Sign out</button></form>
  `);
});

app.get("/login", async (req, res) => {
  const codeVerifier = client.randomPKCECodeVerifier();
  const begun = { state: client.randomState(), nonce: client.randomNonce(), codeVerifier };
  req.session.begun = begun;
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${origin}/callback`,
    scope: "openid profile email",
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  });
  res.redirect(url.href);
});

app.get("/callback", async (req, res) => {
  const { begun } = req.session;
  delete req.session.begun;
  if (!begun) return res.status(400).send("This sign-in was not begun here, or is finished.");

  const tokens = await client.authorizationCodeGrant(config, new URL(req.originalUrl, origin), {
    expectedState: begun.state,
    expectedNonce: begun.nonce,
    pkceCodeVerifier: begun.codeVerifier,
    idTokenExpected: true,
  });
  // A new session id, so that nobody who planted the old one is signed in with it.
  await promisify(req.session.regenerate).call(req.session);
  req.session.claims = tokens.claims();
  req.session.idToken = tokens.id_token;
  res.redirect("/");
});

app.post("/logout", async (req, res) => {
  const { idToken } = req.session;
  await promisify(req.session.destroy).call(req.session);
  if (!idToken) return res.redirect(303, "/");
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: idToken,
    post_logout_redirect_uri: `${origin}/`,
  });
  res.redirect(303, url.href);
});

// Express knows an error handler by its four parameters.
app.use((error, _req, res, _next) => {
  console.error(error);
  // What the provider said, such as access_denied, when the person refused.
  const refused = error instanceof client.AuthorizationResponseError;
  const text = refused ? `Not signed in: ${error.error}` : "Signing in failed.";
  res.status(400).type("text").send(text);
});

/** Claims are what people wrote about themselves: never markup. */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

app.listen(3000, "localhost", () => console.log(`Open ${origin}`));
