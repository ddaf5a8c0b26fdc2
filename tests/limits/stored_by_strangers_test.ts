import { assert, assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { signedInBrowser } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { type Browser, formOf } from "../support/browser.ts";
import { defaultConfig } from "../support/config.ts";
import { testOnFile } from "../support/denokv.ts";
import { storedSize } from "../support/kv_sizes.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

const spa = aClient("spa", { token_endpoint_auth_method: "none", client_secret: undefined });
const long = "x".repeat(3000);
const longest = "x".repeat(60_000);
const longestInUrl = "x".repeat(30_000);

/** A store that remembers what was written to it: each family, and how many bytes. */
function aWatchedStore() {
  const written: { family: string; bytes: number }[] = [];
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    async commit(batch) {
      for (const mutation of batch.mutations) {
        if (mutation.type !== "set") continue;
        const { key, value } = mutation;
        written.push({
          family: String(key[0]),
          bytes: storedSize(value) + JSON.stringify(key).length,
        });
      }
      return await backend.commit(batch);
    },
  });
  return { wrap, written };
}

interface Scene {
  readonly provider: TestProvider;
  readonly browser: Browser;
  /** Of a sign-in that is under way. */
  readonly interaction: string;
}

async function postPage(
  { browser }: Scene,
  page: string,
  fields: Readonly<Record<string, string>>,
  action?: string,
) {
  const { hidden, action: own } = formOf((await browser.open(page)).body);
  const body = new URLSearchParams({ ...hidden, ...fields });
  const response = await browser.send(action ?? own, { method: "POST", body });
  await response.body?.cancel();
}

async function postForm(
  { provider }: Scene,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
) {
  await (await provider.post(path, fields, headers)).body?.cancel();
}

const request = (provider: TestProvider, parameters: Record<string, string>) => ({
  ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
  ...parameters,
});

/**
 * All that somebody without a session or a secret can have stored, with as much in it as goes. The limits
 * of what it may be: how many records, and how many bytes in all; each with its reason.
 */
const rows: Record<string, {
  readonly work: (scene: Scene) => Promise<unknown>;
  readonly records: number;
  readonly bytes: number;
}> = {
  "an authorization request": {
    work: ({ provider, browser }) =>
      browser.send(provider.authorizeUrl({ parameters: { state: long, foo: longestInUrl } })),
    records: 3, // the request and two limits
    bytes: 5000,
  },
  "an authorization request that is too long": {
    work: ({ provider, browser }) =>
      browser.send(provider.authorizeUrl({ parameters: { state: longestInUrl } })),
    records: 3,
    bytes: 1000,
  },
  "an authorization request of an unknown client": {
    work: ({ browser }) => browser.send(`/authorize?client_id=${long.slice(0, 256)}&state=${long}`),
    records: 3,
    bytes: 1000,
  },
  "a posted authorization request": {
    work: (scene) =>
      postForm(scene, "/authorize", request(scene.provider, { state: long, foo: longest })),
    records: 3,
    bytes: 5000,
  },
  "a request that a public client pushed": {
    work: (scene) =>
      postForm(scene, "/par", {
        ...request(scene.provider, { state: long, foo: longest.slice(0, 50_000) }),
        client_id: "spa",
        redirect_uri: "https://spa.example/callback",
      }),
    records: 5, // the request, its event and entry, two limits
    bytes: 5500,
  },
  "a request to sign out that leads nowhere": {
    work: ({ browser }) =>
      browser.send(`/logout?state=${"x".repeat(8192)}&client_id=shop&foo=${long}`),
    records: 3, // the request and two limits
    bytes: 1000,
  },
  "a posted request to sign out": {
    work: (scene) => {
      const post_logout_redirect_uri = "https://shop.example/bye";
      const known = { client_id: "shop", post_logout_redirect_uri, state: long };
      return postForm(scene, "/logout", { ...known, foo: longest.slice(0, 50_000) });
    },
    records: 3,
    bytes: 4000,
  },
  "a look at a page of the account": {
    work: ({ browser }) => browser.send(`/account/security?foo=${long}`),
    records: 1, // the limit
    bytes: 300,
  },
  "a path that leads nowhere": {
    work: ({ browser }) => browser.send(`/${long}?foo=${long}`),
    records: 1,
    bytes: 300,
  },
  "a wrong password of a made-up name": {
    work: (scene) =>
      postPage(scene, `/login?interaction=${scene.interaction}`, {
        username: "n".repeat(256),
        password: "x".repeat(1024),
        foo: long,
      }, "/login"),
    records: 8, // two looks at pages, two limits of the name, the event, two entries, and its budget
    bytes: 3000,
  },
  "a mail to sign in with, for an address that nobody has": {
    work: (scene) =>
      postPage(scene, `/magic-link?interaction=${scene.interaction}`, {
        email: `${"a".repeat(60)}@${"b".repeat(60)}.example`,
        way: "code",
        foo: long,
      }),
    records: 12, // the mail and its turn, the challenge, four limits, the event and its entries
    bytes: 6000, // more than half of it the mail, until it is sent: a decoy is as long as a real one
  },
  "a mail to reset a password, for a name that nobody has": {
    work: (scene) => postPage(scene, "/password-reset", { username: "n".repeat(256), foo: long }),
    records: 12,
    bytes: 6000,
  },
  "a mail to make an account": {
    work: (scene) => postPage(scene, "/sign-up", { email: "new@example.com", foo: long }),
    records: 12,
    bytes: 6000,
  },
  "a challenge of a passkey": {
    work: (scene) =>
      postPage(
        scene,
        `/login?interaction=${scene.interaction}`,
        { foo: long },
        "/login/passkey/options",
      ),
    records: 4,
    bytes: 1500,
  },
  "a wrong client secret": {
    work: (scene) =>
      postForm(scene, "/token", {
        grant_type: "client_credentials",
        client_id: "c".repeat(256),
        client_secret: long,
      }),
    records: 6,
    bytes: 2500,
  },
  "a token that is none": {
    work: ({ provider }) =>
      provider.request("/userinfo", { headers: { authorization: `Bearer ${long}` } }),
    records: 4,
    bytes: 1500,
  },
  "an invitation that is none": {
    work: ({ browser }) => browser.send(`/invitation?token=${long}`),
    records: 1,
    bytes: 300,
  },
};

Deno.test("the records stored by strangers at all addresses together are limited, except those of known browsers", async () => {
  const limits = { ...defaultConfig.limits, strangers: { count: 20, seconds: 60 } };
  await using provider = await aProvider({
    clients: [aClient("shop"), spa],
    config: { rateLimits: true, limits },
  });
  const known = await signedInBrowser(provider); // one of the twenty
  const stored = async () =>
    (await provider.backend.list({ prefix: ["interactions"] }, { limit: 500 })).entries.length;
  const before = await stored();
  const statuses = await Promise.all(Array.from({ length: 200 }, async (_, n) => {
    const address = `198.51.100.${n}`;
    const response = await provider.request(provider.authorizeUrl(), { address });
    await response.body?.cancel();
    return response.status;
  }));
  assertEquals(statuses.filter((status) => status === 303).length, 19);
  assertEquals(statuses.filter((status) => status === 429).length, 181);
  assertEquals(await stored() - before, 19);
  const others: [string, () => Promise<Response>][] = [
    ["posted", () => provider.post("/authorize", request(provider, {}))],
    ["pushed by a public client", () =>
      provider.post("/par", {
        ...request(provider, {}),
        client_id: "spa",
        redirect_uri: "https://spa.example/callback",
      })],
    ["to sign out", () => provider.request("/logout?client_id=shop")],
    [
      "to sign out, like a silent request",
      () => provider.request("/logout?client_id=shop&prompt=none"),
    ],
    ["to sign out, posted", () => provider.post("/logout", { client_id: "shop" })],
    ["with a device cookie that is made up", () =>
      provider.request(provider.authorizeUrl(), {
        headers: { cookie: "__Host-latchkey_device=made-up" },
      })],
  ];
  for (const [what, send] of others) assertEquals((await send()).status, 429, what);
  assertEquals(
    (await known.open(provider.authorizeUrl({ parameters: { prompt: "login" } }))).response.status,
    200,
  );
  assertEquals((await known.open("/logout?client_id=shop")).response.status, 200);
  const confidential = { ...request(provider, {}), ...provider.credentials() };
  assertEquals((await provider.post("/par", confidential)).status, 201);
  provider.clock.advance(60);
  assertEquals((await provider.request(provider.authorizeUrl())).status, 303);
});

for (const [what, { work, records, bytes }] of Object.entries(rows)) {
  testOnFile(`what a stranger has stored is small: ${what}`, async () => {
    const { wrap, written } = aWatchedStore();
    await using provider = await aProvider({
      clients: [aClient("shop"), spa],
      config: { rateLimits: true, signUp: "open" },
      wrap,
    });
    const browser = provider.browser();
    const { url } = await browser.open(provider.authorizeUrl());
    const interaction = url.searchParams.get("interaction") ?? "";
    written.length = 0;
    const answer = await work({ provider, browser, interaction });
    if (answer instanceof Response) await answer.body?.cancel();
    const total = written.reduce((sum, one) => sum + one.bytes, 0);
    const list = written.map((one) => `${one.family} ${one.bytes}`).join(", ");
    assert(written.length <= records, `${written.length} records: ${list}`);
    assert(total <= bytes, `${total} bytes: ${list}`);
    const big = written.filter((one) => one.bytes > 4096);
    assertEquals(big, []);
  });
}
