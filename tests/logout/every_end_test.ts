import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { type AdminApi, anAdminApi } from "../admin/api.ts";
import { people, postAccount } from "../support/account.ts";
import { bob, sessionCookie, signInAgain } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { newestLink } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

const password = "another harbour, another day";
const clients = ["shop", "desk"].map((name) =>
  aClient(name, { backchannel_logout_uri: `https://${name}.example/backchannel` })
);

interface Scene {
  readonly api: AdminApi;
  /** Alice's, in which she does what the row says. */
  readonly here: Browser;
  /** Alice's, too. */
  readonly there: Browser;
  /** Of the session here. */
  readonly idToken: string;
  readonly userId: string;
  readonly sessionIds: { readonly here: string; readonly there: string };
}

type Whose = "here" | "there" | "bob";

/** Every way in which sessions end, and whose clients are told. The clients of other sessions are not. */
const rows: Readonly<Record<string, [(scene: Scene) => Promise<unknown>, readonly Whose[]]>> = {
  "nothing happens": [() => Promise.resolve(), []],
  "the person signs out on our page": [
    async ({ here }) => await here.submit(await here.open("/logout"), {}),
    ["here"],
  ],
  "an application signs the person out": [
    ({ here, idToken }) => here.open(`/logout?id_token_hint=${idToken}`),
    ["here"],
  ],
  "a page of ours ends the session": [
    ({ here }) => here.send("/session", { method: "DELETE" }),
    ["here"],
  ],
  "the person ends a session elsewhere": [
    ({ here, sessionIds }) =>
      postAccount(here, "/account/sessions/end", { session: sessionIds.there }),
    ["there"],
  ],
  "the person ends all others": [
    ({ here }) => postAccount(here, "/account/sessions/end-others"),
    ["there"],
  ],
  "another person signs in in the browser": [
    ({ api, here }) => signInAgain(api.provider, here, bob),
    ["here"],
  ],
  "the person signs in again": [({ api, here }) => signInAgain(api.provider, here, alice), []],
  "the person withdraws access of an application": [
    ({ here }) => postAccount(here, "/account/applications/withdraw", { client: "shop" }),
    [],
  ],
  "the person changes the password": [
    ({ here }) =>
      postAccount(here, "/account/security/password", {
        current_password: alice.password,
        password,
        password_repeat: password,
      }),
    ["there"],
  ],
  "the password is reset": [
    async ({ api: { provider } }) => {
      const browser = provider.browser();
      await browser.submit(await browser.open("/password-reset"), { username: "alice" });
      const page = await browser.open(await newestLink(provider));
      const done = await browser.submit(page, { password, password_repeat: password });
      assertEquals(done.url.pathname, "/password-reset/done");
    },
    ["here", "there"],
  ],
  "the person deletes the account": [
    ({ here }) => postAccount(here, "/account/data/delete", { username: "alice" }),
    ["here", "there"],
  ],
  "an administrator ends one session": [
    ({ api, sessionIds }) => api.call("DELETE", `/sessions/${sessionIds.there}`),
    ["there"],
  ],
  "an administrator ends some sessions": [
    ({ api, sessionIds }) =>
      api.post("/sessions/batch-delete", { session_ids: [sessionIds.there, sessionIds.here] }),
    ["here", "there"],
  ],
  "an administrator ends all sessions of the person": [
    ({ api, userId }) => api.call("DELETE", `/users/${userId}/sessions`),
    ["here", "there"],
  ],
  "the person is suspended": [
    ({ api, userId }) => api.post(`/users/${userId}/suspend`),
    ["here", "there"],
  ],
  "the person is suspended and activated at once": [
    async ({ api, userId }) => {
      await api.post(`/users/${userId}/suspend`);
      await api.post(`/users/${userId}/activate`);
    },
    ["here", "there"],
  ],
  "an administrator sets a password": [
    ({ api, userId }) => api.patch(`/users/${userId}`, { password }),
    ["here", "there"],
  ],
  "an administrator deletes the person": [
    ({ api, userId }) => api.call("DELETE", `/users/${userId}`, { headers: { "if-match": "*" } }),
    ["here", "there"],
  ],
  "a backup is restored": [({ api }) => raiseEpoch(api.provider.deps), ["here", "there", "bob"]],
  "the sessions expire": [
    ({ api: { provider } }) => {
      provider.clock.advance(provider.deps.config.lifetimes.sessionMax + 1);
      return Promise.resolve();
    },
    [],
  ],
};

for (const [event, [happen, whose]] of Object.entries(rows)) {
  Deno.test(`the clients that are told when ${event}`, async () => {
    const receiver = logoutReceiver();
    await using api = await anAdminApi({ clients, users: people, transport: receiver });
    const { provider } = api;
    const browsers = { here: provider.browser(), there: provider.browser() };
    const sids: Record<Whose, string> = { here: "", there: "", bob: "" };
    let idToken = "";
    for (const name of ["here", "there", "bob"] as const) {
      const browser = name === "bob" ? provider.browser() : browsers[name];
      const user = name === "bob" ? bob : alice;
      for (const client of ["desk", "shop"]) {
        const tokens = await signIn(provider, { browser, client, user });
        sids[name] = String(decodeJwt(tokens.id_token).sid);
        if (name === "here") idToken = tokens.id_token;
      }
    }
    const idOf = (browser: Browser) => sessionCookie(browser)?.split(".")[1] ?? "";
    await happen({
      api,
      ...browsers,
      idToken,
      userId: (await provider.userOf("alice")).userId,
      sessionIds: { here: idOf(browsers.here), there: idOf(browsers.there) },
    });

    await tellOfLogouts(provider.deps);

    const expected = whose.flatMap((name) => [`desk ${sids[name]}`, `shop ${sids[name]}`]);
    assertEquals(receiver.accepted(), expected.toSorted());
    assertEquals(receiver.received.length, expected.length, "each is told once");
  });
}
