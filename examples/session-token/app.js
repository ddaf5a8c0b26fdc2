const issuer = "http://localhost:8000";
const clientId = "example-session-token";
const redirectUri = `${location.origin}/`;
// Longer than anybody reads the popup; shorter than the token's life.
const patience = 120_000; // milliseconds

// Back from signing in. The code is left to expire: all that this page wants is to know who it is.
history.replaceState(null, "", "/");

element("login").onclick = signIn;
element("ask").onclick = async () => {
  element("login").hidden = true;
  element("answer").textContent = "";
  try {
    const message = await askPopup();
    if (message.token) await show(message.token);
    else explain(message.error);
  } catch (error) {
    console.error(error);
    say("That failed: the console says why.");
  }
};

/**
 * Opens the provider's page in a window of its own, where the browser sends the provider its cookie, and
 * waits for what that page says. Only a click may do this: browsers block other popups.
 *
 * @returns {Promise<{ token?: string, error?: string }>}
 */
function askPopup() {
  const query = new URLSearchParams({ client_id: clientId, origin: location.origin });
  // Without noopener, as the page answers the window that opened it.
  const popup = open(`${issuer}/session/token?${query}`, "session", "width=480,height=560");
  if (!popup) return Promise.reject(new Error("the browser blocked the popup"));
  say("Asking the provider...");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error("no answer"))), patience);
    addEventListener("message", listen);

    /** @param {MessageEvent} event */
    function listen({ origin, source, data }) {
      // Any window may send a message: this one has to come from the popup, and from the provider in it.
      if (origin !== issuer || source !== popup) return;
      if (data?.type !== "latchkey.session_token" || data.client_id !== clientId) return;
      finish(() => resolve(data));
    }

    /** @param {() => void} settle */
    function finish(settle) {
      clearTimeout(timer);
      removeEventListener("message", listen);
      popup?.close();
      settle();
    }
  });
}

/**
 * Spends the token. It says nothing by itself, and is good once.
 *
 * @param {string} token
 */
async function show(token) {
  const response = await fetch(`${issuer}/session/token/verify`, {
    method: "POST",
    body: new URLSearchParams({ client_id: clientId, token }),
    credentials: "omit",
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error}: ${answer.error_description}`);
  say(`Signed in at the provider as ${answer.sub}.`);
  element("answer").textContent = JSON.stringify(answer, null, 2);
}

/** @param {string | undefined} error */
function explain(error) {
  say(
    error === "consent_required"
      ? "Somebody is signed in, who has not allowed this app to know them."
      : "Nobody is signed in at the provider.",
  );
  element("login").hidden = false;
}

/** The authorization code flow, of which this page needs no more than that it took place. */
async function signIn() {
  const verifier = crypto.getRandomValues(new Uint8Array(32));
  const text = new TextEncoder().encode(base64url(verifier));
  const challenge = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid",
    code_challenge: base64url(challenge),
    code_challenge_method: "S256",
  });
  location.assign(`${issuer}/authorize?${query}`);
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
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
