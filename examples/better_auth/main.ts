import { betterAuth } from "better-auth";
import { genericOAuth } from "better-auth/plugins";
import { Hono } from "hono";
import { html } from "hono/html";

const origin = Deno.env.get("BETTER_AUTH_URL") ?? "http://localhost:3000";
const issuer = Deno.env.get("ISSUER") ?? "http://localhost:8000";

const auth = betterAuth({
  baseURL: origin,
  secret: Deno.env.get("BETTER_AUTH_SECRET") ?? crypto.randomUUID(), // a restart signs everybody out
  // Without `database` everything is in memory. A real application has a database.
  plugins: [genericOAuth({
    config: [{
      providerId: "latchkey", // the redirect URI is BETTER_AUTH_URL/api/auth/callback/latchkey
      discoveryUrl: `${issuer}/.well-known/openid-configuration`,
      clientId: "example-better-auth",
      clientSecret: Deno.env.get("CLIENT_SECRET") ??
        "development-only-secret-of-example-better-auth",
      scopes: ["openid", "profile", "email", "offline_access"],
    }],
  })],
});

const app = new Hono();

app.on(["GET", "POST"], "/api/auth/*", (c) => auth.handler(c.req.raw));

app.get("/", async (c) => {
  const session = await auth.api.getSession({ headers: c.req.raw.headers });
  if (!session) {
    return c.html(html`
      <p>Nobody is signed in.</p>
      <form method="post" action="/sign-in"><button>Sign in</button></form>
    `);
  }
  return c.html(html`
    <p>Signed in as ${session.user.name}.</p>
    <pre>${JSON.stringify(session.user, null, 2)}</pre>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
  `);
});

// In a browser, authClient.signIn.social() does the same.
app.post("/sign-in", async (c) => {
  const body = { provider: "latchkey", callbackURL: "/" };
  return redirected(
    await auth.api.signInSocial({ body, headers: c.req.raw.headers, asResponse: true }),
  );
});

// Ends the session here, and then, by a redirect, the one at Latchkey.
app.post("/sign-out", async (c) => {
  const body = { callbackURL: "/" };
  return redirected(await auth.api.signOut({ body, headers: c.req.raw.headers, asResponse: true }));
});

/** better-auth answers with JSON that has the URL. Here a form is posted, so the answer is a redirect. */
async function redirected(response: Response): Promise<Response> {
  const { url } = await response.json();
  const headers = new Headers({ location: url ?? "/" });
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

const { hostname, port } = new URL(origin);
Deno.serve({ hostname, port: Number(port) }, app.fetch);
