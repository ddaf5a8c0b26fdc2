import * as oauth from "oauth4webapi";

const issuer = new URL("http://localhost:8000");
const origin = "http://localhost:3000";
const redirectUri = `${origin}/callback`;
const client = { client_id: "example-spa" };
// http is for loopback only.
const options = { [oauth.allowInsecureRequests]: issuer.protocol === "http:" };

const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, options),
);

element("login").onclick = signIn;
try {
  await show();
} catch (error) {
  console.error(error);
  const refused = error instanceof oauth.AuthorizationResponseError;
  say(refused ? `Not signed in: ${error.error}` : "Signing in failed.");
  element("login").hidden = false;
}

async function show() {
  if (location.pathname !== "/callback") {
    say("Nobody is signed in.");
    element("login").hidden = false;
    return;
  }
  const { idToken, claims, userinfo } = await finish();
  say(`Signed in as ${claims.sub}.`);
  element("claims").textContent = JSON.stringify({ claims, userinfo }, null, 2);
  element("logout").hidden = false;
  element("logout").onclick = () => signOut(idToken);
}

async function signIn() {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier,
  };
  // Kept for this tab alone, and taken out when it comes back.
  sessionStorage.setItem("begun", JSON.stringify(begun));
  go(server.authorization_endpoint, {
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid profile email",
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  });
}

async function finish() {
  const url = new URL(location.href);
  const begun = JSON.parse(sessionStorage.getItem("begun") ?? "{}");
  sessionStorage.removeItem("begun");
  // The code is out of the address bar and the history before anything else happens.
  history.replaceState(null, "", "/");

  const parameters = oauth.validateAuthResponse(server, client, url, begun.state ?? "");
  const tokens = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      redirectUri,
      begun.codeVerifier,
      options,
    ),
    { expectedNonce: begun.nonce, requireIdToken: true },
  );
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims || !tokens.id_token) throw new Error("no ID token");
  const userinfo = await oauth.processUserInfoResponse(
    server,
    client,
    claims.sub,
    await oauth.userInfoRequest(server, client, tokens.access_token, options),
  );
  return { idToken: tokens.id_token, claims, userinfo };
}

/** @param {string} idToken */
function signOut(idToken) {
  go(server.end_session_endpoint, {
    id_token_hint: idToken,
    post_logout_redirect_uri: `${origin}/`,
  });
}

/**
 * @param {string | undefined} endpoint
 * @param {Record<string, string>} parameters
 */
function go(endpoint, parameters) {
  if (!endpoint) throw new Error("the provider has no such endpoint");
  location.assign(`${endpoint}?${new URLSearchParams(parameters)}`);
}

/** @param {string} text */
function say(text) {
  element("status").textContent = text;
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}
