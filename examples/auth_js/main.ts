import { Auth, type AuthConfig } from "@auth/core";
import { Hono } from "hono";
import { html } from "hono/html";

const origin = Deno.env.get("AUTH_URL") ?? "http://localhost:3000"; // never from the Host header
const issuer = Deno.env.get("ISSUER") ?? "http://localhost:8000";

const config: AuthConfig = {
  basePath: "/auth",
  secret: Deno.env.get("AUTH_SECRET") ?? crypto.randomUUID(), // a restart signs everybody out
  trustHost: true, // atOrigin() sets the host
  providers: [{
    id: "latchkey", // the redirect URI is AUTH_URL/auth/callback/latchkey
    name: "Latchkey",
    type: "oidc",
    issuer,
    clientId: "example-auth-js",
    clientSecret: Deno.env.get("CLIENT_SECRET") ?? "development-only-secret-of-example-auth-js",
    style: { logo: `${issuer}/favicon.ico` }, // or the browser asks authjs.dev for a picture
  }],
  callbacks: {
    // At a sign-in there is an account. Its ID token is kept for the sign-out.
    jwt: ({ token, account }) => account ? { ...token, idToken: account.id_token } : token,
  },
};

const app = new Hono();

app.get("/", async (c) => {
  const { headers } = c.req.raw;
  const response = await Auth(new Request(`${origin}/auth/session`, { headers }), config);
  const session = await response.json(); // null if nobody is signed in
  if (!session) return c.html(html`<p>Nobody is signed in. <a href="/auth/signin">Sign in</a></p>`);
  return c.html(html`
    <p>Signed in as ${session.user.name}.</p>
    <pre>${JSON.stringify(session, null, 2)}</pre>
    <p><a href="/auth/signout">Sign out</a></p>
  `);
});

// Auth.js ends its own session only. The browser goes on to Latchkey, which ends the other one.
app.post("/auth/signout", async (c) => {
  let idToken: unknown;
  const events: AuthConfig["events"] = {
    signOut: (ended) => {
      if ("token" in ended) idToken = ended.token?.idToken;
    },
  };
  const response = await Auth(atOrigin(c.req.raw), { ...config, events });
  if (typeof idToken !== "string") return response;
  const query = new URLSearchParams({
    id_token_hint: idToken,
    post_logout_redirect_uri: `${origin}/`,
  });
  response.headers.set("location", `${issuer}/logout?${query}`);
  return response;
});

app.all("/auth/*", (c) => Auth(atOrigin(c.req.raw), config));

/** The request, with a URL that does not depend on the Host header, which anyone can set. */
function atOrigin(request: Request): Request {
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  return new Request(new URL(pathname + search, origin), { method, headers, body });
}

const { hostname, port } = new URL(origin);
Deno.serve({ hostname, port: Number(port) }, app.fetch);
