import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html, raw } from "hono/html";
import * as client from "openid-client";
import { renderSVG } from "uqr";

const origin = Deno.env.get("APP_URL") ?? "http://localhost:3000";
const issuer = Deno.env.get("ISSUER") ?? "http://localhost:8000";
const clientId = "example-television";
const secret = Deno.env.get("CLIENT_SECRET") ?? `development-only-secret-of-${clientId}`;
const deviceCode = "urn:ietf:params:oauth:grant-type:device_code";

// http is for loopback only.
const execute = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
const config = await client.discovery(new URL(issuer), clientId, secret, undefined, { execute });

type Begun = Awaited<ReturnType<typeof client.initiateDeviceAuthorization>> & { wait: number };

// In memory: each browser is a television of its own.
const waiting = new Map<string, Begun>();
const viewers = new Map<string, string>();

const app = new Hono();

app.get("/", async (c) => {
  const id = getCookie(c, "example_television") ?? client.randomState();
  // Where there is https, add `secure` and `prefix`.
  setCookie(c, "example_television", id, { httpOnly: true, sameSite: "Lax", path: "/" });
  const viewer = viewers.get(id);
  if (viewer !== undefined) return c.html(html`<p>Signed in as ${viewer}</p>`);
  const begun = waiting.get(id);
  if (begun === undefined) {
    const device = await client.initiateDeviceAuthorization(config, { scope: "openid profile" });
    waiting.set(id, { ...device, wait: device.interval ?? 5 });
  } else if (await isOver(id, begun)) return c.redirect("/");
  const { user_code, verification_uri, verification_uri_complete = "", wait } = waiting.get(id)!;
  return c.html(html`
    <meta http-equiv="refresh" content="${wait}">
    <p>Scan this, or open ${verification_uri} and type <b>${user_code}</b></p>
    <div style="width: 16rem">${raw(renderSVG(verification_uri_complete))}</div>
  `);
});

/** Polls once: the page that shows the code comes again after as many seconds as the server wants. */
async function isOver(id: string, begun: Begun): Promise<boolean> {
  try {
    const { device_code } = begun;
    const tokens = await client.genericGrantRequest(config, deviceCode, { device_code });
    viewers.set(id, tokens.claims()?.sub ?? "");
  } catch (error) {
    if (!(error instanceof client.ResponseBodyError)) throw error;
    if (error.error === "slow_down") begun.wait += 5;
    if (["authorization_pending", "slow_down"].includes(error.error)) return false;
  }
  waiting.delete(id); // signed in, or refused or too late: then the next page has a new code
  return true;
}

const { hostname, port } = new URL(origin);
Deno.serve({ hostname, port: Number(port) }, app.fetch);
