import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { badVariants, type GoodRequest, headerText } from "../support/bad_input.ts";
import { type Browser, formOf } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, codeVerifier, issuer, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { introspect, signInOffline, userinfo } from "../support/tokens.ts";

const seed = 20_260_101;
const runs = 150;

/** What a request may leave behind that was refused, or that only begins something. */
const passing = ["interactions", "logout_requests", "pushed_requests"];
const passingEvents = ["request_pushed", "sign_in_failed"];

async function lasting(provider: TestProvider): Promise<Map<string, unknown>> {
  const found = await snapshot(provider.backend);
  const events = new Set<string>();
  for (const [key, value] of found) {
    const [family, id] = JSON.parse(key);
    if (passing.includes(family)) found.delete(key);
    const record = (value as { record?: { type?: string } }).record;
    if (family === "audit_events" && passingEvents.includes(record?.type ?? "")) events.add(id);
  }
  for (const key of found.keys()) {
    const [family, ...id] = JSON.parse(key);
    if (/^audit_events/.test(family) && events.has(id.at(-1))) found.delete(key);
  }
  return found;
}

async function assertProtocolAnswer(response: Response) {
  const body = await response.text();
  const about = `${response.status} ${body.slice(0, 2000)}`;
  assert([200, 201, 204, 303, 400, 401, 403, 404, 413, 415].includes(response.status), about);
  assert(!body.includes("<script>alert(1)"), about);
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  const cookies = response.headers.getSetCookie().join();
  assert(!cookies.includes("x=y"), cookies);
  if (response.status < 400 || !body.startsWith("{")) return;
  const { error, error_description } = JSON.parse(body);
  assert(/^[a-z_]+$/.test(error), about);
  // RFC 6749 section 5.2: printable ASCII without quotes and backslashes
  assert(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(error_description), about);
}

async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${seconds} s`)), seconds * 1000);
  return await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Sends bad variants of a request, and looks each time that nothing of it lasts. */
async function assertHarmless(provider: TestProvider, good: GoodRequest) {
  const before = await lasting(provider);
  await fc.assert(
    fc.asyncProperty(badVariants(good), async ({ method, target, headers, body }) => {
      const response = await withinSeconds(
        10,
        provider.request(target, { method, headers, ...(body === null ? {} : { body }) }),
      );
      await assertProtocolAnswer(response);
      assertEquals(changes(before, await lasting(provider)), []);
    }),
    { seed, numRuns: runs },
  );
}

/** The keys of records that were written or deleted. */
function changes(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const text = (records: Map<string, unknown>, key: string) => JSON.stringify(records.get(key));
  return [...keys].filter((key) => text(before, key) !== text(after, key));
}

function cookieOf(browser: Browser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** A provider with one of everything that could be spent. */
async function aFullProvider() {
  const provider = await aProvider({
    lifetimes: { code: 3600 }, // the store's own time goes on: it must not sweep the code meanwhile
    clients: [
      aClient("shop", { scope: "openid profile email offline_access read" }),
      aClient("machine", { grant_types: ["client_credentials"], redirect_uris: [] }),
    ],
    resources: [{ resource: "https://api.example", scopes: ["read"] }],
  });
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();
  return { provider, code, ...tokens };
}

Deno.test("bad input at the clients' endpoints is refused by the protocol, and spends nothing", async (t) => {
  const { provider, code, refresh_token, access_token } = await aFullProvider();
  await using _ = provider;
  const credentials = provider.credentials("shop");
  const who = ["client_id", "client_secret"];
  const resource = "https://api.example";
  const requests: Record<string, GoodRequest> = {
    "/token with a code": {
      method: "POST",
      path: "/token",
      parameters: {
        grant_type: "authorization_code",
        code,
        redirect_uri: "https://shop.example/callback",
        code_verifier: codeVerifier,
        ...credentials,
      },
      essential: ["grant_type", "code", "redirect_uri", "code_verifier", ...who],
    },
    "/token with a refresh token": {
      method: "POST",
      path: "/token",
      parameters: { grant_type: "refresh_token", refresh_token, scope: "openid", ...credentials },
      essential: ["grant_type", "refresh_token", ...who],
    },
    "/token with a client's credentials": {
      method: "POST",
      path: "/token",
      parameters: {
        grant_type: "client_credentials",
        scope: "read",
        resource,
        ...provider.credentials("machine"),
      },
      essential: ["grant_type", ...who],
    },
    "/introspect": {
      method: "POST",
      path: "/introspect",
      parameters: { token: access_token, token_type_hint: "access_token", ...credentials },
      essential: ["token", ...who],
    },
    "/revoke": {
      method: "POST",
      path: "/revoke",
      parameters: { token: refresh_token, token_type_hint: "refresh_token", ...credentials },
      essential: ["token", ...who],
    },
    "/par": {
      method: "POST",
      path: "/par",
      parameters: {
        response_type: "code",
        redirect_uri: "https://shop.example/callback",
        scope: "openid",
        claims: "{}",
        max_age: "1",
        resource,
        ...credentials,
      },
      essential: [
        "response_type",
        "redirect_uri",
        "scope",
        "claims",
        "max_age",
        "resource",
        ...who,
      ],
    },
    "/userinfo by POST": {
      method: "POST",
      path: "/userinfo",
      parameters: { access_token },
      essential: ["access_token"],
    },
    "/userinfo by GET": {
      method: "GET",
      path: "/userinfo",
      parameters: { access_token },
      essential: ["access_token"],
    },
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.step(name, () => assertHarmless(provider, request));
  }

  await t.step("Authorization headers of every kind", async () => {
    const before = await lasting(provider);
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      code,
      token: refresh_token,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/token", "/introspect", "/revoke", "/par", "/userinfo"),
        fc.constantFrom("", "Basic ", "Bearer ", "DPoP "),
        fc.oneof(headerText, fc.base64String()),
        async (path, scheme, rest) => {
          const headers = { authorization: scheme + rest };
          await assertProtocolAnswer(
            await provider.request(path, { method: "POST", body, headers }),
          );
          assertEquals(changes(before, await lasting(provider)), []);
        },
      ),
      { seed, numRuns: runs },
    );
  });

  await t.step("and after all of it what was good is good", async () => {
    assertEquals((await userinfo(provider, access_token)).status, 200);
    assertEquals((await introspect(provider, access_token)).active, true);
    assertEquals((await provider.exchange(code)).status, 200);
    assertEquals((await provider.refresh(refresh_token)).status, 200);
  });
});

Deno.test("bad input at the pages is refused by the protocol, and spends nothing", async (t) => {
  const { provider, access_token, id_token } = await aFullProvider();
  await using _ = provider;
  const origin = issuer;
  const atLogin = provider.browser();
  const login = await atLogin.open(provider.authorizeUrl());
  const atConsent = provider.browser();
  const consent = await atConsent.submit(
    await atConsent.open(provider.authorizeUrl({
      parameters: { scope: "openid offline_access" },
    })),
    { username: alice.username, password: alice.password },
  );
  const atLogout = provider.browser();
  await provider.authorize({ browser: atLogout });
  const logout = await atLogout.open("/logout");
  const url = new URL(provider.authorizeUrl(), issuer);
  const authorization = {
    ...Object.fromEntries(url.searchParams),
    prompt: "login",
    max_age: "10",
    claims: '{"userinfo":{"email":null}}',
    resource: "https://api.example",
    login_hint: "alice",
    id_token_hint: id_token,
    ui_locales: "en",
    acr_values: "urn:latchkey:acr:1fa",
    response_mode: "query",
  };
  const interaction = formOf(login.body).hidden.interaction ?? "";
  const requests: Record<string, GoodRequest> = {
    "/authorize by GET": {
      method: "GET",
      path: "/authorize",
      parameters: authorization,
      essential: Object.keys(authorization),
    },
    "/authorize by POST": {
      method: "POST",
      path: "/authorize",
      parameters: authorization,
      essential: Object.keys(authorization),
    },
    "/authorize/resume": {
      method: "GET",
      path: "/authorize/resume",
      parameters: { interaction },
      essential: ["interaction"],
      headers: { cookie: cookieOf(atConsent) },
    },
    "/login by GET": {
      method: "GET",
      path: "/login",
      parameters: { interaction },
      essential: ["interaction"],
      headers: { cookie: cookieOf(atLogin) },
    },
    "/login": {
      method: "POST",
      path: "/login",
      parameters: {
        ...formOf(login.body).hidden,
        username: alice.username,
        password: alice.password,
      },
      essential: ["interaction", "form_token", "username", "password"],
      headers: { origin, cookie: cookieOf(atLogin) },
    },
    "/consent": {
      method: "POST",
      path: "/consent",
      parameters: { ...formOf(consent.body).hidden, decision: "allow" },
      essential: ["interaction", "form_token", "decision"],
      headers: { origin, cookie: cookieOf(atConsent) },
    },
    "/logout by GET": {
      method: "GET",
      path: "/logout",
      parameters: {
        id_token_hint: id_token,
        client_id: "shop",
        post_logout_redirect_uri: "https://shop.example/bye",
        state: "the-state",
        ui_locales: "en",
      },
      essential: ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"],
      headers: { cookie: cookieOf(atLogout) },
    },
    "/logout by POST": {
      method: "POST",
      path: "/logout",
      parameters: { client_id: "shop", state: "the-state" },
      essential: ["client_id", "state"],
      headers: { cookie: cookieOf(atLogout) },
    },
    "/logout/confirm": {
      method: "POST",
      path: "/logout/confirm",
      parameters: formOf(logout.body).hidden,
      essential: ["request", "form_token"],
      headers: { origin, cookie: cookieOf(atLogout) },
    },
    "/setup by GET": {
      method: "GET",
      path: "/setup",
      parameters: { token: "x" },
      essential: ["token"],
    },
    "/setup": {
      method: "POST",
      path: "/setup",
      parameters: {
        token: "x",
        form_token: "x",
        username: "eve",
        name: "Eve",
        password: "a long password of eve",
        password_repeat: "a long password of eve",
      },
      essential: ["token", "form_token", "username", "password"],
      headers: { origin },
    },
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.step(name, () => assertHarmless(provider, request));
  }

  await t.step("/session with cookies of every kind", async () => {
    const before = await lasting(provider);
    await fc.assert(
      fc.asyncProperty(headerText, async (text) => {
        const cookie = `__Host-latchkey_session=${text}; __Host-latchkey_browser=${text}`;
        const headers = { origin, cookie };
        const response = await provider.request("/session", { method: "DELETE", headers });
        await assertProtocolAnswer(response);
        const page = await provider.request(provider.authorizeUrl(), { headers: { cookie } });
        await assertProtocolAnswer(page);
        assertEquals(changes(before, await lasting(provider)), []);
      }),
      { seed, numRuns: runs },
    );
  });

  await t.step("and after all of it each page goes on", async () => {
    assertEquals((await userinfo(provider, access_token)).status, 200);
    const signedIn = await atLogin.submit(login, {
      username: alice.username,
      password: alice.password,
    });
    assertEquals(signedIn.response.status < 400, true, signedIn.body);
    const allowed = await atConsent.submit(consent, { decision: "allow" });
    const code = allowed.url.searchParams.get("code") ?? "";
    assertEquals((await provider.exchange(code)).status, 200, allowed.url.href);
    const signedOut = await atLogout.submit(logout, {});
    assertEquals(signedOut.body.includes("signed out"), true);
  });
});
