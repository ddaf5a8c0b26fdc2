import { assertEquals } from "@std/assert";
import * as sessions from "../../stores/sessions.ts";
import { accountBrowser, accountToken, people, rowFields } from "../support/account.ts";
import { bob, sessionCookie } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { signInOffline } from "../support/tokens.ts";

/** Every form of these pages, with what would make it do something to the person. */
const posts: Readonly<Record<string, (cookie: string) => Record<string, string>>> = {
  "/account/profile": () => ({ nickname: "taken over", version: "" }),
  "/account/profile/email": () => ({ email: "evil@example.com" }),
  "/account/sessions/end": (cookie) => ({ session: cookie.split(".")[1] ?? "" }),
  "/account/sessions/end-others": () => ({}),
  "/account/applications/withdraw": () => ({ client: "shop" }),
  "/account/data/export": () => ({}),
  "/account/data/delete": () => ({ username: "alice" }),
};
/** Those that want a sign-in of the last 5 minutes. */
const sensitive = ["/account/profile/email", "/account/data/export", "/account/data/delete"];

interface Scene {
  readonly provider: TestProvider;
  readonly victim: Browser;
  readonly attacker: Browser;
  /** Of the victim's own page, and of the attacker's. */
  readonly token: string;
  readonly foreignToken: string;
}

interface Attempt {
  readonly browser: Browser;
  readonly token: string;
  readonly headers?: Record<string, string>;
}

/** What an attacker can do, and how each is met: an error page, or the way to a sign-in. */
const attacks: Readonly<Record<string, [(scene: Scene) => Attempt | Promise<Attempt>, number]>> = {
  "from another site": [
    ({ victim, token }) => ({
      browser: victim,
      token,
      headers: { origin: "https://evil.example" },
    }),
    400,
  ],
  "with an opaque origin": [
    ({ victim, token }) => ({ browser: victim, token, headers: { origin: "null" } }),
    400,
  ],
  "without a form token": [({ victim }) => ({ browser: victim, token: "" }), 400],
  "with the token of the attacker's own page": [
    ({ victim, foreignToken }) => ({ browser: victim, token: foreignToken }),
    400,
  ],
  "with the victim's token, in the attacker's session": [
    ({ attacker, token }) => ({ browser: attacker, token }),
    400,
  ],
  "with the token of an earlier session of the same browser": [
    async ({ provider, victim, token }) => {
      const cookie = sessionCookie(victim) ?? "";
      victim.cookies.delete("__Host-latchkey_session");
      await accountBrowser(provider, alice, victim);
      if (sessionCookie(victim) === cookie) throw new Error("the session is the same");
      return { browser: victim, token };
    },
    400,
  ],
  "signed out": [
    ({ victim, token }) => {
      victim.cookies.delete("__Host-latchkey_session");
      return { browser: victim, token };
    },
    400,
  ],
  "with a session whose secret is guessed": [
    ({ victim, token }) => {
      const cookie = sessionCookie(victim) ?? "";
      victim.cookies.set("__Host-latchkey_session", cookie.slice(0, -43) + "A".repeat(43));
      return { browser: victim, token };
    },
    303,
  ],
};

/** All that counts: a refusal may begin a sign-in, and a repeated sign-in is no harm. */
async function harmed(provider: TestProvider): Promise<string[]> {
  const { user } = await provider.userOf("alice");
  const records = [...(await snapshot(provider.backend)).keys()];
  const count = (family: string) => records.filter((key) => key.startsWith(`["${family}"`)).length;
  return [
    JSON.stringify(user.claims),
    `epochs ${user.epoch} ${user.sessionEpoch}`,
    `grants ${count("grants")} consents ${count("consents")}`,
    `families ${count("refresh_token_families")} mails ${count("mail_outbox")}`,
  ];
}

async function aScene(): Promise<Scene & AsyncDisposable> {
  const provider = await aProvider({ users: people });
  const victim = await accountBrowser(provider);
  await signInOffline(provider, { browser: victim });
  const attacker = await accountBrowser(provider, bob);
  const token = await accountToken(victim);
  const foreignToken = await accountToken(attacker);
  return {
    provider,
    victim,
    attacker,
    token,
    foreignToken,
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

for (const [how, [attack, status]] of Object.entries(attacks)) {
  Deno.test(`no form of the account does anything ${how}`, async () => {
    await using scene = await aScene();
    const { provider, victim } = scene;
    const cookie = sessionCookie(victim) ?? "";
    const { browser, token, headers = {} } = await attack(scene);
    const before = await harmed(provider);
    for (const [path, fieldsOf] of Object.entries(posts)) {
      const body = new URLSearchParams({ form_token: token, ...fieldsOf(cookie) });
      const response = await browser.send(path, { method: "POST", body, headers });
      assertEquals(response.status, status, path);
      if (status === 303) assertEquals(response.headers.get("location")?.slice(0, 7), "/login?");
      const text = await response.text();
      assertEquals(text.includes("alice@example.com"), false, path);
    }
    assertEquals(await harmed(provider), before);
    const { session } = await provider.deps.kv.step(
      { address: null, requestId: null },
      (tx) => tx.read({ session: sessions.ref(cookie.split(".")[1] ?? "") }),
    );
    assertEquals(session.value === null, false, "the session has ended");
  });
}

Deno.test("a request without Origin is refused and changes nothing", async () => {
  await using scene = await aScene();
  const { provider, victim, token } = scene;
  const before = await harmed(provider);
  const cookie = [...victim.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  for (const [path, fieldsOf] of Object.entries(posts)) {
    const fields = { form_token: token, ...fieldsOf(sessionCookie(victim) ?? "") };
    assertEquals((await provider.post(path, fields, { cookie })).status, 400, path);
  }
  assertEquals(await harmed(provider), before);
});

Deno.test("sensitive pages require a sign-in of the last 5 minutes, and return to their page", async () => {
  await using scene = await aScene();
  const { provider, victim, token } = scene;
  provider.clock.advance(301);
  const before = await harmed(provider);
  for (const path of sensitive) {
    const fields = { form_token: token, ...posts[path]?.("") };
    const body = new URLSearchParams(fields);
    const landing = await victim.open(path, { method: "POST", body });
    assertEquals(landing.url.pathname, "/login", path);
    assertEquals(await harmed(provider), before);
  }
  const login = await victim.open("/account/data/delete");
  assertEquals(login.url.pathname, "/login");
  const back = await victim.submit(login, { username: "alice", password: alice.password });
  assertEquals(back.url.pathname, "/account/data/delete");
  // The other forms only take away, and need nothing but the session.
  for (const path of Object.keys(posts).filter((path) => !sensitive.includes(path))) {
    provider.clock.advance(301);
    const page = await victim.open(path.startsWith("/account/profile") ? path : "/account/data");
    assertEquals(page.response.status, 200, path);
    assertEquals(rowFields(page.body).length > 0, true);
  }
});

Deno.test("another user's page is never shown, whoever was signed in before", async () => {
  await using provider = await aProvider({ users: people });
  const browser = await accountBrowser(provider);
  await accountBrowser(provider, bob); // elsewhere
  const stale = await browser.open("/account/profile");
  browser.cookies.delete("__Host-latchkey_session");
  await accountBrowser(provider, bob, browser);
  const fields = rowFields(stale.body).find((hidden) => hidden.version !== undefined) ?? {};
  const body = new URLSearchParams({ ...fields, nickname: "mixed up" });
  const response = await browser.send("/account/profile", { method: "POST", body });
  assertEquals(response.status, 400);
  assertEquals((await provider.userOf("bob")).user.claims, {});
});
