import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../../stores/engine/kv.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import * as clientStore from "../../../stores/clients.ts";
import * as consents from "../../../stores/consents.ts";
import * as providers from "../../../stores/provider.ts";
import { type Browser, formOf } from "../../support/browser.ts";
import { signedInBrowser } from "../../support/authorization.ts";
import { aClient, aPublicClient } from "../../support/clients.ts";
import { faultyKv } from "../../support/faulty_kv.ts";
import { newestLink } from "../../support/mails.ts";
import {
  aProvider,
  issuer,
  type ProviderOptions,
  type TestProvider,
} from "../../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../../support/records.ts";
import { answerOf } from "../../support/tokens.ts";

const shopPage = "https://shop.op.example";
const appPage = "https://app.example";
const clients = [
  aClient("shop", { web_origins: [shopPage] }),
  aPublicClient("app", { web_origins: [appPage, "http://localhost:3000"] }),
  aClient("first", { web_origins: ["https://first.op.example"], skip_consent: true }),
];

function ask(browser: Browser, { clientId = "shop", origin = shopPage } = {}): Promise<Response> {
  const body = new URLSearchParams({ client_id: clientId });
  return browser.send("/session/token", { method: "POST", body, headers: { origin } });
}

async function tokenOf(response: Response): Promise<string> {
  const body = await response.json();
  assertEquals(response.status, 200, JSON.stringify(body));
  assertMatch(body.token, /^[A-Za-z0-9_-]{43}$/);
  assertEquals(body.expires_in, 300);
  return body.token;
}

function verify(provider: TestProvider, token: string, { client = "shop", origin = "" } = {}) {
  const headers: Record<string, string> = origin === "" ? {} : { origin };
  const form = { token, ...provider.credentials(client) };
  return provider.post("/session/token/verify", form, headers);
}

/** What the popup says to the page that opened it, and to which origin. */
async function popup(browser: Browser, query: Record<string, string>) {
  const response = await browser.send(`/session/token?${new URLSearchParams(query)}`);
  const body = await response.text();
  const unescaped = (text = "") => text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const message = /data-message="([^"]*)"/.exec(body)?.[1];
  return {
    response,
    body,
    origin: /data-origin="([^"]*)"/.exec(body)?.[1],
    message: message === undefined ? null : JSON.parse(unescaped(message)),
  };
}

Deno.test("a page of a client gets a token, and the client learns the user from it once", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  const start = provider.clock.seconds();
  const response = await ask(browser);
  assertEquals(response.headers.get("access-control-allow-origin"), shopPage);
  assertEquals(response.headers.get("access-control-allow-credentials"), "true");
  assertEquals(response.headers.get("vary"), "Origin");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const token = await tokenOf(response);

  const verified = await verify(provider, token);
  assertEquals(verified.headers.get("cache-control"), "no-store");
  assertEquals(verified.headers.get("access-control-allow-origin"), null);
  const { sub, sid, ...rest } = await verified.json();
  assertEquals(rest, {
    auth_time: start,
    acr: "urn:latchkey:acr:1fa",
    amr: ["pwd"],
    expires_at: start + 86_400,
  });
  const status = await (await browser.send("/session")).json();
  assertEquals(sub, status.sub);
  assert(typeof sid === "string" && ![...browser.cookies.values()].join().includes(sid));

  assertEquals(await answerOf(await verify(provider, token)), "400 invalid_grant");
  const events = (await auditTrail(provider)).map(({ type, outcome }) => `${type} ${outcome}`);
  assertEquals(events.filter((event) => event.startsWith("session_token")).sort(), [
    "session_token_issued success",
    "session_token_used failure",
    "session_token_used success",
  ]);
});

Deno.test("only our pages and pages of the client's web_origins get a token", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  await signedInBrowser(provider, { client: "app", browser });
  const refused = [
    { clientId: "shop", origin: appPage },
    { clientId: "app", origin: shopPage },
    { clientId: "nobody", origin: shopPage },
    { clientId: "", origin: shopPage },
    { clientId: "shop", origin: `${shopPage}.evil.example` },
    { clientId: "shop", origin: "null" },
  ];
  for (const request of refused) {
    const response = await ask(browser, request);
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    assertEquals(await answerOf(response), "403 invalid_request", JSON.stringify(request));
  }
  const without = await provider.request("/session/token", {
    method: "POST",
    body: new URLSearchParams({ client_id: "shop" }),
  });
  assertEquals(without.status, 403);
  await tokenOf(await ask(browser, { origin: issuer }));
  await tokenOf(await ask(browser, { clientId: "app", origin: "http://localhost:3000" }));
  const unknown = await ask(browser, { clientId: "nobody", origin: issuer });
  assertEquals(await answerOf(unknown), "400 invalid_request");
});

Deno.test("without a session or the user's consent there is no token", async () => {
  await using provider = await aProvider({ clients });
  assertEquals(await answerOf(await ask(provider.browser())), "401 login_required");
  const browser = await signedInBrowser(provider, { client: "app" });
  const response = await ask(browser);
  assertEquals(response.headers.get("access-control-allow-origin"), shopPage, "it may read why");
  assertEquals(await answerOf(response), "403 consent_required");
  // An operator's own client asks nobody.
  const first = await ask(browser, { clientId: "first", origin: "https://first.op.example" });
  await tokenOf(first);
});

Deno.test("another client, or a failed authentication, does not spend a token", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  await signedInBrowser(provider, { client: "app", browser }); // which knows the person too
  const token = await tokenOf(await ask(browser));
  const app = { client: "app", origin: appPage };
  assertEquals(await answerOf(await verify(provider, token, app)), "400 invalid_grant");
  const wrong = { token, client_id: "shop", client_secret: "a wrong secret of it" };
  const post = (form: Record<string, string>) => provider.post("/session/token/verify", form);
  assertEquals(await answerOf(await post(wrong)), "401 invalid_client");
  assertEquals(await answerOf(await post({ token })), "401 invalid_client");
  assertEquals(await answerOf(await post(provider.credentials())), "400 invalid_request");
  assertEquals((await verify(provider, token)).status, 200);
});

Deno.test("a client without a secret is identified by the origin of its page", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider, { client: "app" });
  const token = await tokenOf(await ask(browser, { clientId: "app", origin: appPage }));
  for (const origin of ["", "https://evil.example", shopPage, issuer]) {
    const refused = await verify(provider, token, { client: "app", origin });
    assertEquals(refused.headers.get("access-control-allow-origin"), null);
    assertEquals(await answerOf(refused), "401 invalid_client", origin);
  }
  const verified = await verify(provider, token, { client: "app", origin: appPage });
  assertEquals(verified.headers.get("access-control-allow-origin"), appPage);
  assertEquals(verified.headers.get("access-control-allow-credentials"), null);
  assertEquals(verified.status, 200);
});

Deno.test("a token is valid for five minutes", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  const [first, second] = [await tokenOf(await ask(browser)), await tokenOf(await ask(browser))];
  provider.clock.advance(299);
  assertEquals((await verify(provider, first)).status, 200);
  provider.clock.advance(1);
  assertEquals(await answerOf(await verify(provider, second)), "400 invalid_grant");
});

Deno.test("a token ends with its session, its user, its consent and the server's epoch", async () => {
  type Change = (provider: TestProvider, browser: Browser) => Promise<unknown>;
  const changes: [string, Change][] = [
    ["signed out", (_, browser) => browser.send("/session", { method: "DELETE" })],
    ["all sessions", (provider) => editUser(provider, "alice", { sessionEpoch: 2 })],
    ["everything", (provider) => editUser(provider, "alice", { epoch: 2 })],
    ["suspended", (provider) => editUser(provider, "alice", { status: "suspended" })],
    ["withdrawn", withdraw],
    ["restored", restore],
  ];
  for (const [what, change] of changes) {
    await using provider = await aProvider({ clients });
    const browser = await signedInBrowser(provider);
    const token = await tokenOf(await ask(browser));
    await change(provider, browser);
    assertEquals(await answerOf(await verify(provider, token)), "400 invalid_grant", what);
  }
});

async function withdraw(provider: TestProvider, browser: Browser) {
  const { sub } = await (await browser.send("/session")).json();
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { consent } = await tx.read({ consent: consents.ref(sub, "shop") });
    if (consent.value !== null) tx.delete(consent);
  });
}

async function restore(provider: TestProvider) {
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { record } = await tx.read({ record: providers.ref() });
    if (record.value !== null) tx.replace(record, { ...record.value, epoch: 99 });
  });
}

Deno.test("a deleted client's token is refused with its client", async () => {
  await using provider = await aProvider({ clients });
  const token = await tokenOf(await ask(await signedInBrowser(provider)));
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clientStore.ref("shop") });
    if (client.value !== null) tx.delete(client);
  });
  assertEquals(await answerOf(await verify(provider, token)), "401 invalid_client");
});

Deno.test("a token of one kind is refused as another kind", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  const sessionToken = await tokenOf(await ask(browser));
  const { hidden } = formOf((await browser.open("/password-reset")).body);
  await browser.open("/password-reset", {
    method: "POST",
    body: new URLSearchParams({ ...hidden, username: "alice" }),
  });
  const link = await newestLink(provider);
  const resetToken = link.split("token=")[1] ?? "";

  const confirm = await browser.open(`/password-reset/confirm?token=${sessionToken}`);
  assertStringIncludes(confirm.body, "This link does not work");
  assertEquals(await answerOf(await verify(provider, resetToken)), "400 invalid_grant");
  for (const other of [sessionToken, resetToken]) {
    assertEquals((await provider.exchange(other)).status, 400);
    assertEquals((await provider.refresh(other)).status, 400);
    const headers = { authorization: `Bearer ${other}` };
    assertEquals((await provider.request("/userinfo", { headers })).status, 401);
  }
  assertEquals((await browser.open(link)).response.status, 200);
  assertEquals((await verify(provider, sessionToken)).status, 200);
});

Deno.test("the popup gives the token only to a page of the client", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider, { client: "app" });
  const { response, body, origin, message } = await popup(browser, {
    client_id: "app",
    origin: appPage,
  });
  assertEquals(response.status, 200);
  assertEquals(origin, appPage);
  const { token, ...rest } = message;
  assertEquals(rest, { type: "latchkey.session_token", client_id: "app", expires_in: 300 });
  assertStringIncludes(body, "window.opener.postMessage(JSON.parse(message), origin)");
  assertStringIncludes(body, "The app");
  const policy = response.headers.get("content-security-policy") ?? "";
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
  assertStringIncludes(body, `<script nonce="${nonce}">`);
  assertStringIncludes(policy, "frame-ancestors 'none'");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("access-control-allow-origin"), null);
  const verified = await verify(provider, token, { client: "app", origin: appPage });
  assertEquals(verified.status, 200);

  const refused: Record<string, string>[] = [
    { client_id: "app", origin: "https://evil.example" },
    { client_id: "app", origin: "*" },
    { client_id: "app", origin: `${appPage}/` },
    { client_id: "shop", origin: appPage },
    { client_id: "nobody", origin: appPage },
    { client_id: "app" },
    {},
  ];
  for (const query of refused) {
    const { response, message } = await popup(browser, query);
    assertEquals([response.status, message], [400, null], JSON.stringify(query));
  }
});

Deno.test("the popup tells the client and the user why there is no token", async () => {
  await using provider = await aProvider({ clients });
  const query = { client_id: "shop", origin: shopPage };
  const nobody = await popup(provider.browser(), query);
  assertEquals(nobody.message.error, "login_required");
  assertStringIncludes(nobody.body, "You are not signed in here");
  const browser = await signedInBrowser(provider, { client: "app" });
  const stranger = await popup(browser, query);
  assertEquals(stranger.message.error, "consent_required");
  assertEquals(stranger.message.token, undefined);
});

Deno.test("the store contains neither a token nor its digest without the type", async () => {
  await using provider = await aProvider({ clients });
  const token = await tokenOf(await ask(await signedInBrowser(provider)));
  for (const [key, value] of await snapshot(provider.backend)) {
    assert(!`${key} ${JSON.stringify(value)}`.includes(token));
  }
});

Deno.test("if the commit fails, the token is unspent, and a retry succeeds", async () => {
  for (const kind of ["throwBefore", "throwAfter"] as const) {
    const state = { fails: false, first: true };
    const wrap: ProviderOptions["wrap"] = (store) =>
      faultyKv({ ...store, remote: true }, {
        timers: systemTimers,
        fault: (call) => {
          if (!state.fails) return null;
          // The attempt itself, and then everything that could tell what became of it.
          const fault = state.first && call.kind === "commit" ? kind : "throwBefore";
          if (call.kind === "commit") state.first = false;
          return call.kind === "commit" || !state.first ? { kind: fault } : null;
        },
      });
    await using provider = await aProvider({ clients, wrap });
    const token = await tokenOf(await ask(await signedInBrowser(provider)));
    state.fails = true;
    assertEquals(await answerOf(await verify(provider, token)), "503 temporarily_unavailable");
    state.fails = false;
    let retry = await verify(provider, token);
    while (retry.status === 503) {
      await systemTimers.sleep(20);
      retry = await verify(provider, token);
    }
    assertEquals(retry.status, 200, kind);
    provider.clock.advance(5); // till then who comes second may be honest, too
    assertEquals(await answerOf(await verify(provider, token)), "400 invalid_grant");
  }
});

Deno.test("a client's secret cannot be guessed here any faster than at the token endpoint", async () => {
  await using provider = await aProvider({ clients, config: { rateLimits: true } });
  const guess = {
    token: "A".repeat(43),
    client_id: "shop",
    client_secret: "a guess at the secret",
  };
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) {
    statuses.push((await provider.post("/session/token/verify", guess)).status);
  }
  assertEquals(statuses, [...Array(10).fill(401), 429, 429]);
});
