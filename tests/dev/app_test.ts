import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { Hono } from "hono";
import { demoRoutes } from "../../routes/dev/app.tsx";
import { type AppEnv, requestContext } from "../../routes/http/context.ts";
import { renderError } from "../../routes/http/errors.tsx";
import { securedAnswers } from "../../routes/http/headers.ts";
import { wing } from "../../routes/wing.ts";
import type { Fetch } from "../../src/demo/recorder.ts";
import { type Browser, formOf, type Landing, newBrowser } from "../support/browser.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";

const demo = "/dev/app";

Deno.test("the demo signs a user in and shows the tokens", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);

  assertStringIncludes((await browser.open(demo)).body, "Nobody is signed in");
  const landing = await signIn(browser);

  assertEquals(landing.url.href, `${issuer}${demo}`);
  assertStringIncludes(landing.body, "Signed in as");
  assertStringIncludes(landing.body, "Alice Adams");
  assertStringIncludes(landing.body, "&quot;nonce&quot;");
  assertStringIncludes(landing.body, "alice@example.com");
  assertEquals(stepsOf(landing), [
    "Discovery",
    "Authorization request",
    "Authorization response",
    "Code exchange",
    "Discovery", // the key set
    "Userinfo",
  ]);
});

Deno.test("the demo refreshes, introspects, revokes and signs out", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const signedIn = await signIn(browser);
  const before = refreshTokenOf(signedIn);

  const introspected = await press(browser, "introspect");
  assertEquals(noticeOf(introspected), "Introspection says that the access token is active.");

  const refreshed = await press(browser, "refresh");
  assertEquals(noticeOf(refreshed), "Refreshed, with a new refresh token.");
  assertMatch(refreshTokenOf(refreshed), /^\S{20,}$/);
  assertNotEquals(refreshTokenOf(refreshed), before);

  const revoked = await press(browser, "revoke");
  assertStringIncludes(noticeOf(revoked), "the access token is not active");
  assertStringIncludes(revoked.body, "invalid_token");
  assertEquals(stepsOf(revoked).slice(-3), ["Revocation", "Userinfo", "Introspection"]);
  assertStringIncludes(revoked.body, "Alice Adams");
  assertStringIncludes(noticeOf(await press(browser, "refresh")), "invalid_grant");

  const signedOut = await press(browser, "sign-out");
  assertEquals(signedOut.url.href, `${issuer}${demo}`);
  assertEquals(noticeOf(signedOut), "Signed out of the demo and of the provider.");
  assertStringIncludes(signedOut.body, "Nobody is signed in");
  assertEquals((await beginSignIn(browser)).url.pathname, "/login");
});

Deno.test("a double click on refresh causes two refreshes and is not treated as theft", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  await signIn(browser);

  await Promise.all([press(browser, "refresh"), press(browser, "refresh")]);

  assertStringIncludes(noticeOf(await press(browser, "refresh")), "Refreshed");
});

Deno.test("a repeated callback changes nothing", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser, visited } = aDemo(provider);
  await signIn(browser);
  const callback = visited.findLast((path) => path.startsWith(`${demo}/callback`)) ?? "";
  assertStringIncludes(callback, "code=");

  const again = await Promise.all([browser.open(callback), browser.open(callback)]);

  for (const landing of again) {
    assertEquals(landing.url.href, `${issuer}${demo}`);
    assertStringIncludes(landing.body, "Alice Adams");
    assertEquals(stepsOf(landing).filter((step) => step === "Code exchange").length, 1);
  }
  // Had the code been sent again, its grant would be over.
  assertStringIncludes(noticeOf(await press(browser, "introspect")), "is active");
});

Deno.test("one of two concurrent callbacks exchanges the code", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser, visited } = aDemo(provider, { holdCallbacks: true });
  const held = await signIn(browser);
  assertEquals(held.response.status, 202);
  const callback = visited.at(-1) ?? "";

  const { browser: same } = aDemo(provider);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  await Promise.all([same.open(callback), same.open(callback), same.open(callback)]);

  assertStringIncludes(noticeOf(await press(same, "introspect")), "is active");
});

Deno.test("a user who refuses consent returns to a page that says so", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const landing = await signIn(browser, "deny");

  assertEquals(landing.url.href, `${issuer}${demo}`);
  assertStringIncludes(noticeOf(landing), "access_denied");
  assertStringIncludes(landing.body, "Nobody is signed in");
  assertStringIncludes((await signIn(browser)).body, "Alice Adams");
});

Deno.test("sign-ins in two tabs both succeed", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const first = await beginSignIn(browser);
  const second = await beginSignIn(browser);

  assertStringIncludes((await finishSignIn(browser, first)).body, "Alice Adams");
  const landing = await finishSignIn(browser, second);

  assertEquals(landing.url.href, `${issuer}${demo}`);
  assertStringIncludes(noticeOf(landing), "Signed in");
});

Deno.test("a callback in a browser that started no sign-in sends no code", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser, visited } = aDemo(provider, { holdCallbacks: true });
  await signIn(browser);
  const callback = visited.at(-1) ?? "";

  const landing = await aDemo(provider).browser.open(callback);

  assertStringIncludes(noticeOf(landing), "No sign-in began in this browser");
  assertStringIncludes(landing.body, "Nobody is signed in");
});

Deno.test("a response of another issuer is refused before the code is sent", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser, visited } = aDemo(provider, { holdCallbacks: true });
  await signIn(browser);
  const callback = new URL(visited.at(-1) ?? "", issuer);
  callback.searchParams.set("iss", "https://evil.example");

  const { browser: same } = aDemo(provider);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  const landing = await same.open(callback.pathname + callback.search);

  assertStringIncludes(landing.body, "Nobody is signed in");
  assertEquals(stepsOf(landing).includes("Code exchange"), false);
});

Deno.test("a form of another site or browser is refused", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const { hidden } = formOf((await browser.open(demo)).body);
  const body = () => new URLSearchParams(hidden);
  const path = `${demo}/sign-in`;
  const { browser: other } = aDemo(provider);

  const refused = [
    await browser.send(path, { method: "POST", body: new URLSearchParams({ form_token: "x" }) }),
    await browser.send(path, {
      method: "POST",
      body: body(),
      headers: { origin: "https://evil.example" },
    }),
    await other.send(path, { method: "POST", body: body() }),
  ];

  assertEquals(refused.map(({ status }) => status), [400, 400, 400]);
});

Deno.test("the client secret is nowhere on the page", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const { body } = await signIn(browser);
  const secret = await provider.deps.masterKey.mac("demo_client_secret", "demo");

  assertEquals(body.includes(secret), false);
  assertEquals(body.includes(btoa(`demo:${secret}`)), false);
  assertStringIncludes(body, "authorization: Basic (");
});

Deno.test("an unreachable provider causes a notice", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider, {
    fetch: () => Promise.reject(new TypeError("connection refused")),
  });

  const landing = await beginSignIn(browser);

  assertEquals(landing.url.href, `${issuer}${demo}`);
  assertEquals(noticeOf(landing), "connection refused");
});

Deno.test("many recorded exchanges still fit into the store", async () => {
  await using provider = await aProvider({
    config: { environment: "development" },
    users: [{
      ...alice,
      claims: { name: "Ålice Ādams", profile: "https://a.example/ā".repeat(40) },
    }],
  });
  const { browser } = aDemo(provider);
  await signIn(browser);
  for (let i = 0; i < 12; i++) await press(browser, "refresh");

  const landing = await press(browser, "introspect");

  assertStringIncludes(noticeOf(landing), "is active");
  assertEquals(stepsOf(landing).at(-1), "Introspection");
  assert(stepsOf(landing).length > 10);
});

Deno.test("the page carries a strict policy, and its cookie is the demo's own", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const { browser } = aDemo(provider);
  const response = await browser.send(demo);

  assertStringIncludes(response.headers.get("content-security-policy") ?? "", "form-action 'self'");
  const cookie = response.headers.getSetCookie().find((line) => line.startsWith("latchkey_demo="));
  assertMatch(cookie ?? "", /; Path=\/dev\/app; HttpOnly; Secure; SameSite=Lax$/);
  const again = await browser.send(demo);
  assertEquals(again.headers.getSetCookie(), []);
  assertNotEquals(await again.text(), "");
});

interface DemoOptions {
  readonly fetch?: Fetch;
  /** Callbacks stop before the demo, with a 202. */
  readonly holdCallbacks?: boolean;
}

/** The demo beside its provider, which it reaches as if over the network. */
function aDemo(provider: TestProvider, { fetch, holdCallbacks = false }: DemoOptions = {}) {
  const toProvider: Fetch = (url, init) => provider.request(url, init);
  const app = new Hono<AppEnv>();
  app.use(requestContext(provider.deps), securedAnswers(provider.deps));
  const demoEndpoints = [...demoRoutes(provider.deps, fetch ?? toProvider)];
  app.route("/", wing(provider.deps, demoEndpoints).app);
  app.onError(renderError(provider.deps));
  const visited: string[] = [];
  const browser = newBrowser(async (path, init) => {
    visited.push(path);
    if (holdCallbacks && path.startsWith(`${demo}/callback`)) {
      return new Response(null, { status: 202 });
    }
    if (!path.startsWith(demo)) return await provider.request(path, init);
    return await app.fetch(new Request(new URL(path, issuer), init));
  }, issuer);
  return { browser, visited };
}

async function beginSignIn(browser: Browser): Promise<Landing> {
  await browser.open(demo);
  return await press(browser, "sign-in");
}

async function finishSignIn(
  browser: Browser,
  landing: Landing,
  decision = "allow",
): Promise<Landing> {
  const { username, password } = alice;
  let at = landing;
  if (at.url.pathname === "/login") at = await browser.submit(at, { username, password });
  return at.url.pathname === "/consent" ? await browser.submit(at, { decision }) : at;
}

async function signIn(browser: Browser, decision?: string): Promise<Landing> {
  return await finishSignIn(browser, await beginSignIn(browser), decision);
}

/** Presses one of the demo's buttons. */
async function press(browser: Browser, button: string): Promise<Landing> {
  const { hidden } = formOf((await browser.open(demo)).body);
  return await browser.open(`${demo}/${button}`, {
    method: "POST",
    body: new URLSearchParams(hidden),
  });
}

function stepsOf({ body }: Landing): string[] {
  return [...body.matchAll(/<span class="step">([^<]*)<\/span>/g)].map(([, step = ""]) => step);
}

function noticeOf({ body }: Landing): string {
  const notice = /<div[^>]*class="notice[^>]*>[\s\S]*?<p>([\s\S]*?)<\/p>/.exec(body)?.[1] ?? "";
  return notice.replaceAll("&#39;", "'").replaceAll("&quot;", '"');
}

function refreshTokenOf({ body }: Landing): string {
  const card = body.slice(body.indexOf('id="refresh-token-title"'));
  return /<pre[^>]*>(?:<code[^>]*>)?([^<]*)</.exec(card)?.[1] ?? "";
}
