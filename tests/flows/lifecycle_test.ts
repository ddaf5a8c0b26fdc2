import { assertEquals } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { type AdminApi, anAdminApi } from "../admin/api.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { outcomeAt, sessionCookie, withSessionCookie } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { askForMail, newestCode, type Waiting } from "../support/mail_sign_in.ts";
import { anApp, type DeviceTokens, shareSignIn, signInOnDevice } from "../support/native_sso.ts";
import { newestLink } from "../support/mails.ts";
import { alice, issuer, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { storedRecord } from "../support/stored_record.ts";
import { exchange, exchanged, exchanger } from "../support/token_exchange.ts";
import { answerOf, introspect, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

/** One of everything that a person can have, all of it good, and nothing of it used. */
interface Belongings {
  readonly api: AdminApi;
  /** In which the person is signed in. */
  readonly browser: Browser;
  readonly code: string;
  readonly refreshToken: string;
  readonly accessToken: string;
  /** What another client got for the access token. */
  readonly exchangedToken: string;
  /** What an application on a phone shares its sign-in by. */
  readonly device: DeviceTokens;
  readonly session: string | undefined;
  readonly sessionToken: string;
  readonly magicLink: Waiting & { readonly link: string };
  readonly mailCode: Waiting & { readonly code: string };
}

/** It shares its sign-ins with an application on a phone. */
const shop = aClient("shop", {
  scope: "openid profile email offline_access device_sso",
  native_sso: "acme",
});

/** It may exchange tokens for userinfo. */
const partner = aClient("partner", {
  ...exchanger,
  token_exchange: { subject_audiences: [issuer], resources: [issuer] },
});
const toUserinfo = [{ audience: issuer }, { client: "partner" }] as const;

async function everything(): Promise<Belongings & AsyncDisposable> {
  const clients = [shop, anApp("phone"), aClient("books"), aClient("watch"), partner];
  const api = await anAdminApi({ clients });
  const { provider } = api;
  const browser = await accountBrowser(provider);
  const { refresh_token } = await signInOffline(provider, { browser });
  const bound = await provider.exchange(await provider.authorize({ browser }));
  const accessToken = (await tokensOf(bound)).access_token;
  const form = new URLSearchParams({ client_id: "shop" });
  const issued = await browser.send("/session/token", { method: "POST", body: form });
  const device = await signInOnDevice(provider, "shop", {
    browser,
    parameters: { scope: "openid offline_access device_sso" }, // the session counts all the same
  });
  // For another application, so that what becomes of the first is not what stops them.
  const authorize = { client: "books" };
  const asked = await askForMail(provider, "link", { authorize });
  const magicLink = { ...asked, link: await newestLink(provider) };
  const waiting = await askForMail(provider, "code", { authorize });
  const mailCode = { ...waiting, code: await newestCode(provider) };
  const belongings = {
    api,
    browser,
    code: await provider.authorize({ browser }),
    device,
    refreshToken: refresh_token,
    accessToken,
    exchangedToken: (await exchanged(provider, accessToken, ...toUserinfo)).access_token,
    session: sessionCookie(browser),
    sessionToken: (await issued.json()).token,
    magicLink,
    mailCode,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
  // What was answered before must not be answered again.
  for (const name of ["userinfo", "introspection", "exchangedToken"] as const) {
    assertEquals(await columns[name](belongings), good);
  }
  return belongings;
}

const good = "good";

/** What each thing answers now. The order matters: nothing here ends what comes after it. */
const columns = {
  session: async ({ api, session }) => {
    const { url } = await withSessionCookie(api.provider, session ?? "").open("/account");
    return url.pathname === "/account" ? good : "signed out";
  },
  userinfo: async ({ api, accessToken }) =>
    short(await answerOf(await userinfo(api.provider, accessToken))),
  introspection: async ({ api, accessToken }) => {
    const form = { token: accessToken, ...api.provider.credentials("shop") };
    const response = await api.provider.post("/introspect", form);
    if (response.status !== 200) return await answerOf(response);
    return (await response.json()).active ? good : "inactive";
  },
  exchangedToken: async ({ api, exchangedToken }) =>
    (await introspect(api.provider, exchangedToken, "partner")).active ? good : "inactive",
  exchangeOfToken: async ({ api, accessToken }) =>
    short(await answerOf(await exchange(api.provider, accessToken, ...toUserinfo))),
  sessionToken: async ({ api, sessionToken }) => {
    const form = { token: sessionToken, ...api.provider.credentials("shop") };
    return short(await answerOf(await api.provider.post("/session/token/verify", form)));
  },
  deviceSecret: async ({ api, device }) =>
    short(await answerOf(await shareSignIn(api.provider, device, { client: "phone" }))),
  refresh: async ({ api, refreshToken }) =>
    short(await answerOf(await api.provider.refresh(refreshToken))),
  code: async ({ api, code }) => short(await answerOf(await api.provider.exchange(code))),
  magicLink: async ({ magicLink: { browser, link } }) => {
    const page = await browser.open(link);
    if (page.response.status !== 200) return "refused";
    return signedIn(browser, await browser.submit(page, {}));
  },
  mailCode: async ({ mailCode: { browser, page, code } }) =>
    signedIn(browser, await browser.submit(page, { code })),
} satisfies Record<string, (belongings: Belongings) => Promise<string>>;

type Row = Record<keyof typeof columns, string>;

function short(answer: string): string {
  return answer === "200" ? good : answer;
}

function signedIn(browser: Browser, _: Landing): string {
  return sessionCookie(browser) === undefined ? "refused" : good;
}

const dead: Row = {
  session: "signed out",
  userinfo: "401 invalid_token",
  introspection: "inactive",
  exchangedToken: "inactive",
  exchangeOfToken: "400 invalid_request",
  sessionToken: "400 invalid_grant",
  deviceSecret: "400 invalid_grant",
  refresh: "400 invalid_grant",
  code: "400 invalid_grant",
  magicLink: "refused",
  mailCode: "refused",
};

const alive: Row = {
  session: good,
  userinfo: good,
  introspection: good,
  exchangedToken: good,
  exchangeOfToken: good,
  sessionToken: good,
  deviceSecret: good,
  refresh: good,
  code: good,
  magicLink: good,
  mailCode: good,
};

/** What happens, and what each thing answers from the very next request on. */
const rows: Readonly<Record<string, [(belongings: Belongings) => Promise<unknown>, Row]>> = {
  "nothing": [() => Promise.resolve(), alive],
  "the person is suspended": [
    async ({ api }) => {
      const { userId } = await api.provider.userOf("alice");
      assertEquals((await api.post(`/users/${userId}/suspend`)).status, 200);
    },
    dead,
  ],
  "the person is deleted by an administrator": [
    async ({ api }) => {
      const { userId } = await api.provider.userOf("alice");
      const headers = { "if-match": "*" };
      assertEquals((await api.call("DELETE", `/users/${userId}`, { headers })).status, 204);
    },
    dead,
  ],
  "the person deletes their account": [
    ({ browser }) => postAccount(browser, "/account/data/delete", { username: "alice" }),
    dead,
  ],
  "the password is reset": [
    async ({ api: { provider } }) => {
      const browser = provider.browser();
      await browser.submit(await browser.open("/password-reset"), { username: "alice" });
      const page = await browser.open(await newestLink(provider));
      const password = "another harbour, another day";
      const done = await browser.submit(page, { password, password_repeat: password });
      assertEquals(done.url.pathname, "/password-reset/done");
    },
    dead,
  ],
  "the address is changed": [
    async ({ api }) => {
      const { userId } = await api.provider.userOf("alice");
      const claims = { ...alice.claims, email: "new@example.com" };
      assertEquals((await api.patch(`/users/${userId}`, { claims })).status, 200);
    },
    { ...alive, magicLink: "refused", mailCode: "refused" },
  ],
  "the session is ended from another browser": [
    async ({ api, session }) => {
      const other = await accountBrowser(api.provider);
      const fields = { session: session?.split(".")[1] ?? "" };
      await postAccount(other, "/account/sessions/end", fields);
    },
    // A refresh token for offline access, a link and a code are not of this session.
    { ...dead, refresh: good, magicLink: good, mailCode: good },
  ],
  "all other sessions are ended from another browser": [
    async ({ api }) =>
      await postAccount(await accountBrowser(api.provider), "/account/sessions/end-others"),
    { ...dead, refresh: good, magicLink: good, mailCode: good },
  ],
  "the application is withdrawn": [
    ({ browser }) => postAccount(browser, "/account/applications/withdraw", { client: "shop" }),
    { ...dead, session: good, magicLink: good, mailCode: good },
  ],
  "the client is deleted": [
    async ({ api }) => {
      const headers = { "if-match": "*" };
      assertEquals((await api.call("DELETE", "/clients/shop", { headers })).status, 204);
    },
    {
      ...alive,
      session: good,
      userinfo: "401 invalid_token",
      introspection: "401 invalid_client",
      exchangedToken: "inactive",
      exchangeOfToken: "400 invalid_request",
      sessionToken: "401 invalid_client",
      deviceSecret: "400 invalid_grant",
      refresh: "401 invalid_client",
      code: "401 invalid_client",
    },
  ],
  // With no secret of its own the client has nothing to show for what needed one.
  "the client turns public": [
    async ({ api }) => {
      const { status } = await api.patch("/clients/shop", { token_endpoint_auth_method: "none" });
      assertEquals(status, 200);
    },
    {
      ...alive,
      userinfo: "401 invalid_token",
      introspection: "401 invalid_client",
      exchangedToken: "inactive",
      exchangeOfToken: "400 invalid_request",
      sessionToken: "401 invalid_client",
      deviceSecret: "400 invalid_grant",
      refresh: "401 invalid_client",
      code: "401 invalid_client",
    },
  ],
  "the client gets another secret": [
    async ({ api }) => {
      assertEquals((await api.post("/clients/shop/rotate-secret")).status, 200);
    },
    {
      ...alive,
      introspection: "401 invalid_client",
      sessionToken: "401 invalid_client",
      refresh: "401 invalid_client",
      code: "401 invalid_client",
    },
  ],
  "the client's redirect URI is removed": [
    async ({ api }) => {
      const redirect_uris = ["https://shop.example/another"];
      assertEquals((await api.patch("/clients/shop", { redirect_uris })).status, 200);
    },
    { ...alive, code: "400 invalid_grant" },
  ],
  "openid is taken from the client": [
    async ({ api }) => {
      const scope = "profile email offline_access";
      assertEquals((await api.patch("/clients/shop", { scope })).status, 200);
    },
    { ...alive, userinfo: "403 insufficient_scope", deviceSecret: "400 invalid_grant" },
  ],
  "all scopes are taken from the client": [
    async ({ api }) => {
      assertEquals((await api.patch("/clients/shop", { scope: "phone" })).status, 200);
    },
    {
      ...alive,
      userinfo: "403 insufficient_scope",
      introspection: "inactive",
      exchangeOfToken: "400 invalid_request",
      deviceSecret: "400 invalid_grant",
      refresh: "400 invalid_scope",
      code: "400 invalid_scope",
    },
  ],
  "a backup is restored": [({ api }) => raiseEpoch(api.provider.deps), dead],
};

for (const [event, [happen, expected]] of Object.entries(rows)) {
  Deno.test(`what is left when ${event}`, async () => {
    await using belongings = await everything();
    await happen(belongings);
    const answers: Record<string, string> = {};
    for (const [name, answer] of Object.entries(columns)) answers[name] = await answer(belongings);
    assertEquals(answers, expected);
  });
}

for (const event of ["the person is suspended", "the address is changed"]) {
  Deno.test(`what is refused when ${event} is not spent by that`, async () => {
    await using belongings = await everything();
    const [happen, expected] = rows[event] ?? [];
    await happen?.(belongings);
    const { provider } = belongings.api;
    const before = await spentIn(provider);
    const refused = { magic_link: expected?.magicLink, email_code: expected?.mailCode };
    assertEquals(refused, { magic_link: "refused", email_code: "refused" });
    await columns.magicLink(belongings);
    await columns.mailCode(belongings);
    if (expected?.sessionToken !== good) await columns.sessionToken(belongings);
    if (expected?.code !== good) await columns.code(belongings);
    assertEquals(await spentIn(provider), before);
  });
}

/** The keys of all that was spent, and by what. */
async function spentIn({ backend }: TestProvider): Promise<Record<string, string>> {
  const spent: Record<string, string> = {};
  for (const [key, value] of await snapshot(backend)) {
    const { spentBy = null } = storedRecord(JSON.parse(key), value).record;
    if (spentBy !== null) spent[key] = String(spentBy);
  }
  return spent;
}

Deno.test("a changed address is in the claims at once", async () => {
  await using belongings = await everything();
  await rows["the address is changed"]?.[0](belongings);
  const { api, accessToken } = belongings;
  const claims = await (await userinfo(api.provider, accessToken)).json();
  assertEquals([claims.email, claims.email_verified], ["new@example.com", true]);
});

Deno.test("a withdrawn application must ask for consent again, although the session continues", async () => {
  await using belongings = await everything();
  await rows["the application is withdrawn"]?.[0](belongings);
  const { api, browser } = belongings;
  assertEquals(await outcomeAt(api.provider, browser, {}, "shop"), "consent");
});
