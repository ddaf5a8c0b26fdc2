import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromBase64url, toBase64url } from "../../../src/crypto/encoding.ts";
import { strings } from "../../../src/language/languages.ts";
import {
  type Authenticator,
  type CredentialJson,
  newKeys,
  type RequestOptions,
  type Ways,
} from "../../support/authenticator.ts";
import { ask, bob, outcomeOf, sessionCookie } from "../../support/authorization.ts";
import type { Browser, Landing } from "../../support/browser.ts";
import {
  askForOptions,
  creationOptions,
  inPage,
  openPasskeys,
  passkeyForm,
  registerPasskey,
  requestOptions,
  sendCredential,
  usePasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { snapshot } from "../../support/records.ts";
import { passkeysOf } from "./records.ts";

/** A person's browser on the sign-in page, with options and their authenticator. */
interface Scene {
  readonly provider: TestProvider;
  readonly browser: Browser;
  readonly page: Landing;
  readonly options: RequestOptions;
  readonly authenticator: Authenticator;
  /** Another person's. */
  readonly bobs: Authenticator;
}

async function aScene(): Promise<Scene & AsyncDisposable> {
  const provider = await aProvider({ users: [alice, bob] });
  const authenticator = await withPasskey(provider);
  const bobs = await registerPasskey(provider, { user: bob });
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  const options = await requestOptions(browser, page);
  return {
    provider,
    browser,
    page,
    options,
    authenticator,
    bobs,
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

const otherChallenge = "A".repeat(43);

/** What an attacker sends instead of what the person's authenticator would have signed. */
const forgeries: Record<string, (scene: Scene) => Promise<CredentialJson | string>> = {
  "of another origin": (scene) => signed(scene, { origin: "https://op.example.evil.example" }),
  "of the same host by http": (scene) => signed(scene, { origin: "http://op.example" }),
  "of another port": (scene) => signed(scene, { origin: "https://op.example:444" }),
  "for another relying party": (scene) => signed(scene, { rpId: "example" }),
  "to a challenge that nobody made": (scene) => signed(scene, { challenge: otherChallenge }),
  "to a challenge in another spelling": (scene) =>
    signed(scene, { challenge: `${scene.options.challenge}=` }),
  "of another type": (scene) => signed(scene, { type: "webauthn.create" }),
  "in a frame": (scene) => signed(scene, { crossOrigin: true }),
  "with nobody there": (scene) => signed(scene, { userPresent: false }),
  "by another key": async (scene) => await signed(scene, { keys: await newKeys(-7) }),
  "with another person's handle": (scene) =>
    signed(scene, { userHandle: scene.bobs.credentials[0]?.userHandle ?? "" }),
  "with no handle": (scene) => signed(scene, { userHandle: null }),
  "with a handle of nobody": (scene) => signed(scene, { userHandle: "AAAAAAAAAAAAAAAAAAAAAA" }),
  "by another person's passkey with my handle": ({ options, authenticator, bobs }) =>
    bobs.get(options, { userHandle: authenticator.credentials[0]?.userHandle ?? "" }),
  "with another person's credential id": async (scene) => {
    const credential = await signed(scene);
    const id = scene.bobs.credentials[0]?.id ?? "";
    return { ...credential, id, rawId: id };
  },
  "with two ids": async (scene) => ({
    ...await signed(scene),
    rawId: scene.bobs.credentials[0]?.id ?? "",
  }),
  "whose signature was tampered with": (scene) => tampered(scene, "signature", 20),
  "whose counter was tampered with": (scene) => tampered(scene, "authenticatorData", 36),
  "that was cut short": (scene) => tampered(scene, "authenticatorData", null),
  "that is no JSON": () => Promise.resolve("{"),
  "that is no credential": () => Promise.resolve('{"id":"AAAA"}'),
  "that is nothing": () => Promise.resolve("null"),
  "of another kind": async (scene) => ({ ...await signed(scene), type: "password" }),
  "that is very long": async (scene) =>
    JSON.stringify({ ...await signed(scene), more: "x".repeat(20_000) }),
  "with an id that is longer than any": async (scene) => {
    const id = "A".repeat(1365);
    return { ...await signed(scene), id, rawId: id };
  },
};

async function signed({ authenticator, options }: Scene, ways: Ways = {}) {
  return await authenticator.get(options, ways);
}

/** One bit is another, or the end is missing. */
async function tampered(scene: Scene, part: string, at: number | null): Promise<CredentialJson> {
  const credential = await signed(scene);
  const bytes = fromBase64url(String(credential.response[part]));
  if (at !== null) bytes[at] = (bytes[at] ?? 0) ^ 1;
  const changed = toBase64url(at === null ? bytes.slice(0, 36) : bytes);
  return { ...credential, response: { ...credential.response, [part]: changed } };
}

for (const [what, forge] of Object.entries(forgeries)) {
  Deno.test(`an answer ${what} signs nobody in, and spends nothing`, async () => {
    await using scene = await aScene();
    const { browser, page, authenticator, options } = scene;
    const refused = await sendCredential(browser, page, await forge(scene));
    assertEquals(refused.response.status, 401);
    assertEquals(sessionCookie(browser), undefined);
    const known = await passkeysOf(scene.provider);
    assertEquals(known.map(({ copySuspectedAt }) => copySuspectedAt), [null]);
    // The same challenge is good for what the person's own authenticator says.
    const landed = await sendCredential(browser, page, await authenticator.get(options));
    assertEquals(outcomeOf(landed), "consent");
  });
}

Deno.test("an answer is accepted only in its browser and request", async () => {
  await using scene = await aScene();
  const { provider, browser, page, options, authenticator } = scene;
  const credential = await authenticator.get(options);
  const elsewhere = provider.browser();
  const theirPage = await ask(provider, { browser: elsewhere });
  const inOther = await sendCredential(elsewhere, theirPage, credential);
  assertEquals([inOther.response.status, sessionCookie(elsewhere)], [401, undefined]);
  const otherTab = await ask(provider, { browser });
  const inTab = await sendCredential(browser, otherTab, credential);
  assertEquals([inTab.response.status, sessionCookie(browser)], [401, undefined]);
  assertStringIncludes(inTab.body, inPage(strings("en").passkeys.refused.passkey_expired));
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
});

Deno.test("an answer is good once, and for five minutes", async () => {
  await using scene = await aScene();
  const { provider, browser, page, authenticator } = scene;
  const late = await authenticator.get(await requestOptions(browser, page));
  provider.clock.advance(300);
  const tooLate = await sendCredential(browser, page, late);
  assertEquals(tooLate.response.status, 401);
  const credential = await authenticator.get(await requestOptions(browser, page));
  assertEquals(outcomeOf(await sendCredential(browser, page, credential)), "consent");
  const before = sessionCookie(browser);
  // The same form again is a double click; any other one is refused.
  const replayed = await sendCredential(browser, page, credential, { again: "yes" });
  assert(replayed.response.status >= 400);
  assertEquals(sessionCookie(browser), before);
  assertEquals((await passkeysOf(provider))[0]?.copySuspectedAt, null, "a replay is no copy");
});

Deno.test("a challenge for registration is not accepted for sign-in, nor the other way round", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const { browser, page: account } = await openPasskeys(provider);
  const registration = await creationOptions(browser, account);
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  const { challenge } = registration;
  const signedIn = await usePasskey(browser, page, authenticator, { challenge });
  assertEquals(signedIn.response.status, 401);
  const options = await requestOptions(browser, page);
  const made = await authenticator.create({ ...registration, challenge: options.challenge });
  assertEquals((await sendCredential(browser, account, made)).response.status, 400);
  assertEquals((await passkeysOf(provider)).length, 1);
});

Deno.test("options are given only to our own page in its own browser, for a pending request", async () => {
  await using scene = await aScene();
  const { provider, browser, page } = scene;
  const fields = passkeyForm(page.body);
  const send = (form: Record<string, string>, from: Browser, origin?: string) =>
    from.send("/login/passkey/options", {
      method: "POST",
      body: new URLSearchParams(form),
      ...(origin === undefined ? {} : { headers: { origin } }),
    });
  const refusals = {
    "another origin": await send(fields, browser, "https://evil.example"),
    "another browser": await send(fields, provider.browser()),
    "no token": await send({ ...fields, form_token: "" }, browser),
    "no request": await send({ ...fields, interaction: "A".repeat(22) }, browser),
  };
  for (const [what, response] of Object.entries(refusals)) {
    assertEquals(response.status, 400, what);
    assertEquals((await response.json()).error, "invalid_request", what);
  }
  const good = await askForOptions(browser, page);
  assertEquals([good.status, good.headers.get("cache-control")], [200, "no-store"]);
  await good.body?.cancel();
});

Deno.test("an answer is accepted only from our own page in its own browser", async () => {
  await using scene = await aScene();
  const { provider, browser, page, options, authenticator } = scene;
  const credential = JSON.stringify(await authenticator.get(options));
  const fields = { ...passkeyForm(page.body), credential };
  const send = (form: Record<string, string>, from: Browser, origin?: string) =>
    from.send("/login/passkey", {
      method: "POST",
      body: new URLSearchParams(form),
      ...(origin === undefined ? {} : { headers: { origin } }),
    });
  const theirs = await ask(provider, { browser });
  const refusals = {
    "another origin": await send(fields, browser, "https://evil.example"),
    "no origin": await send(fields, browser, "null"),
    "another browser": await send(fields, provider.browser()),
    "no token": await send({ ...fields, form_token: "" }, browser),
    "another page's token": await send(
      { ...fields, form_token: passkeyForm(theirs.body).form_token ?? "" },
      browser,
    ),
    "no request": await send({ ...fields, interaction: "A".repeat(22) }, browser),
  };
  for (const [what, response] of Object.entries(refusals)) {
    assertEquals(response.status, 400, what);
    await response.body?.cancel();
  }
  assertEquals(sessionCookie(browser), undefined);
  assertEquals((await send(fields, browser)).status, 303);
});

Deno.test("the store does not contain a challenge in clear", async () => {
  await using scene = await aScene();
  const stored = JSON.stringify([...await snapshot(scene.provider.backend)]);
  assertEquals(stored.includes(scene.options.challenge), false);
});
