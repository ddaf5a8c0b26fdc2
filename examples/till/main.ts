import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { html } from "hono/html";
import * as client from "openid-client";

const origin = Deno.env.get("APP_URL") ?? "http://localhost:3000";
const issuer = Deno.env.get("ISSUER") ?? "http://localhost:8000";
const clientId = "example-till";
const secret = Deno.env.get("CLIENT_SECRET") ?? `development-only-secret-of-${clientId}`;
const ciba = "urn:openid:params:grant-type:ciba";

// http is for loopback only.
const execute = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
const config = await client.discovery(new URL(issuer), clientId, secret, undefined, { execute });

interface Asked {
  readonly message: string;
  /** The server shows it with the ping. */
  readonly token: string;
  outcome: string;
}

// In memory, by auth_req_id. A real till has a store for this, and shows each customer's to one cashier.
const requests = new Map<string, Asked>();

const app = new Hono();

app.get("/", (c) => {
  const list = [...requests.values()].map(({ message, outcome }) =>
    html`<li>${message}: ${outcome}</li>`
  );
  return c.html(html`
    <form method="post" action="/ask">
      <label>Customer <input name="user" required></label>
      <label>Message <input name="message" maxlength="64" required></label>
      <button>Ask</button>
    </form>
    <ul>${list}</ul>
    <p><a href="/">Look again</a></p>
  `);
});

app.post("/ask", async (c) => {
  const form = await c.req.formData();
  const message = String(form.get("message"));
  const token = client.randomState();
  try {
    const { auth_req_id } = await client.initiateBackchannelAuthentication(config, {
      scope: "openid profile",
      login_hint: String(form.get("user")),
      binding_message: message, // show it to the user too, so that they can compare
      client_notification_token: token,
    });
    requests.set(auth_req_id, { message, token, outcome: "waiting" });
  } catch (error) {
    if (!(error instanceof client.ResponseBodyError)) throw error;
    return c.text(error.error_description ?? error.error, 400);
  }
  return c.redirect("/", 303);
});

app.post("/answered", async (c) => {
  const { auth_req_id } = await c.req.json();
  const asked = requests.get(auth_req_id);
  if (asked === undefined || !isFrom(c.req.header("authorization"), asked.token)) {
    return c.body(null, 401);
  }
  if (asked.outcome === "waiting") { // the server may tell it twice
    asked.outcome = "answered";
    void fetchAnswer(auth_req_id).then((outcome) => asked.outcome = outcome);
  }
  return c.body(null, 204); // at once
});

/** What the user has decided. */
async function fetchAnswer(auth_req_id: string): Promise<string> {
  try {
    const tokens = await client.genericGrantRequest(config, ciba, { auth_req_id });
    return `allowed by ${tokens.claims()?.sub}`;
  } catch (error) {
    if (error instanceof client.ResponseBodyError && error.error === "access_denied") {
      return "not allowed";
    }
    console.error(error);
    return "the answer is lost: ask again";
  }
}

/** Whether the header has the token. Digests are compared, so that the time it takes says nothing. */
function isFrom(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

const { hostname, port } = new URL(origin);
Deno.serve({ hostname, port: Number(port) }, app.fetch);
