import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formToken } from "../../../routes/http/form_token.ts";
import { digest } from "../../../src/crypto/digest.ts";
import { anAuthenticator, type CredentialJson } from "../../support/authenticator.ts";
import { codeAt, outcomeOf, sessionCookie } from "../../support/authorization.ts";
import type { Browser, Landing } from "../../support/browser.ts";
import {
  askForOptions,
  creationOptions,
  passkeyForm,
  passkeyUrls,
  sendCredential,
  signInWithPasskey,
} from "../../support/passkeys.ts";
import { aProvider } from "../../support/provider.ts";
import { auditTrail, snapshot } from "../../support/records.ts";
import { type Door, doorNames, doors, people } from "./doors.ts";
import { passkeysOf } from "./records.ts";

const nora = { username: "nora", name: "Nora Neu" };

/** Makes an account at a door, with a passkey. */
async function comeIn({ browser, page }: Door, authenticator = anAuthenticator()) {
  const credential = await authenticator.create(await creationOptions(browser, page, nora));
  return { credential, landed: await sendCredential(browser, page, credential, nora) };
}

// What a refused step may leave: options that nobody answers, and markers of commits.
const passing = ["challenges", "step_markers"];

for (const name of doorNames) {
  Deno.test(`${name}: an account is created with a passkey, which then signs in`, async () => {
    await using door = await doors[name]();
    const { provider } = door;
    const before = await people(provider);
    const authenticator = anAuthenticator();
    const options = await creationOptions(door.browser, door.page, nora);
    assertEquals([options.user.name, options.user.displayName], ["nora", "Nora Neu"]);
    assertEquals(await people(provider), before, "asking made somebody");
    const credential = await authenticator.create(options);
    const landed = await sendCredential(door.browser, door.page, credential, nora);

    assertEquals(
      landed.url.pathname,
      { "sign-up": "/consent", "invitation": "/invitation/done", "setup": "/setup/done" }[name],
    );
    const { user, userId } = await provider.userOf("nora");
    assertEquals([userId, user.passwordHash, user.claims.name], [
      options.user.id,
      null,
      "Nora Neu",
    ]);
    assertEquals((await passkeysOf(provider, "nora")).length, 1);
    assertEquals(user.administrator, name === "setup");
    assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "consent");
    const events = (await auditTrail(provider)).filter((event) => event.userId === userId);
    const types = events.map(({ type }) => type);
    assert(types.includes("user_created") && types.includes("passkey_added"), `${types}`);
    assertEquals((await door.browser.open(door.link)).response.status, 400, "the link is spent");
  });

  Deno.test(`${name}: of 50 concurrent answers one creates an account`, async () => {
    await using door = await doors[name]();
    const before = await people(door.provider);
    const { browser, page } = door;
    const credential = await anAuthenticator().create(await creationOptions(browser, page, nora));
    const landed = await Promise.all(
      Array.from(
        { length: 50 },
        // Each another form: the same one again is a double click.
        (_, n) => sendCredential(browser, page, credential, { ...nora, n: `${n}` }),
      ),
    );
    assertEquals(await people(door.provider), before + 1);
    assertEquals((await passkeysOf(door.provider, "nora")).length, 1);
    const events = (await auditTrail(door.provider)).map(({ type }) => type);
    assertEquals(events.filter((type) => type === "passkey_added").length, 1);
    const done = landed.filter(({ response }) => response.status === 200).length;
    // The browser that signs up may go on as often as it asks; elsewhere the link is spent.
    if (name === "sign-up") assert(done > 0);
    else assertEquals(done, 1);
  });

  Deno.test(`${name}: forged answers create no account, and spend nothing`, async () => {
    await using door = await doors[name]();
    const { provider, browser, page, another } = door;
    const there = await people(provider);
    const authenticator = anAuthenticator();
    const credential = await authenticator.create(await creationOptions(browser, page, nora));
    const stranger = provider.browser();
    const strangersPage = await stranger.open(door.link);
    const elsewhere = await another?.();
    const invented = await anAuthenticator().create({
      ...await creationOptions(browser, page, nora),
      challenge: "A".repeat(43),
    });
    const post = (from: Browser, fields: Record<string, string>, headers = {}) =>
      from.open(passkeyUrls(page.body).action, {
        method: "POST",
        headers,
        body: new URLSearchParams({
          ...passkeyForm(page.body),
          ...nora,
          credential: JSON.stringify(credential),
          ...fields,
        }),
      });
    const attacks: Record<string, () => Promise<Landing>> = {
      "from another browser": () => post(stranger, {}),
      "in another browser that has the link": () =>
        sendCredential(stranger, strangersPage, credential, nora),
      "without Origin": () => post(browser, {}, { origin: "" }),
      "from another site": () => post(browser, {}, { origin: "https://evil.example" }),
      "without the form's token": () => post(browser, { form_token: "" }),
      "without the link's token": () => post(browser, { token: "" }),
      "with another token": () => post(browser, { token: `new.${"A".repeat(43)}` }),
      "without a credential": () => post(browser, { credential: "" }),
      "with no JSON": () => post(browser, { credential: "{" }),
      "with a challenge that nobody gave": () =>
        post(browser, { credential: JSON.stringify(invented) }),
      "with an origin of its own": async () => {
        const options = await creationOptions(browser, page, nora);
        return await sendCredential(
          browser,
          page,
          await anAuthenticator().create(options, { origin: "https://evil.example" }),
          nora,
        );
      },
      ...(elsewhere === undefined ? {} : {
        "with the challenge of another link": () =>
          sendCredential(browser, elsewhere, credential, nora),
      }),
    };
    const before = await without(provider.backend, passing);
    for (const [what, attack] of Object.entries(attacks)) {
      const landed = await attack();
      assertEquals(landed.response.status, 400, what);
      assertEquals(await people(provider), there, what);
      assertEquals(sessionCookie(browser), undefined, what);
    }
    assertEquals(await without(provider.backend, passing), before);

    // Ids that come along change nothing: who somebody will be, the server has chosen.
    const ids = { userId: "B".repeat(22), new_user_id: "B".repeat(22), userHandle: "B".repeat(22) };
    const landed = await sendCredential(browser, page, credential, { ...nora, ...ids });
    assertEquals(landed.response.status, 200, "the owner's answer was spent");
    assert((await provider.userOf("nora")).userId !== ids.userId);
    if (elsewhere === undefined) return;
    const replayed = await sendCredential(browser, elsewhere, credential, {
      username: "nils",
      name: "Nils",
    });
    assertEquals(replayed.response.status, 400, "an answer made two accounts");
    assertEquals(await people(provider), there + 1);
  });

  Deno.test(`${name}: a passkey's answer is valid for five minutes`, async () => {
    await using door = await doors[name]();
    const { provider, browser, page } = door;
    const before = await people(provider);
    const credential = await anAuthenticator().create(await creationOptions(browser, page, nora));
    provider.clock.advance(5 * 60);
    const late = await sendCredential(browser, page, credential, nora);
    assertEquals(late.response.status, 400);
    assertStringIncludes(late.body, "That took too long");
    assertStringIncludes(late.body, 'value="Nora Neu"');
    assertEquals(await people(provider), before);
    assertEquals((await comeIn({ ...door, page: late })).landed.response.status, 200);
  });

  Deno.test(`${name}: invalid names are reported before a passkey is created`, async () => {
    await using door = await doors[name]();
    const { browser, page } = door;
    for (
      const [typed, field] of [
        [{ ...nora, username: " " }, "username"],
        [{ ...nora, name: "" }, "name"],
        [{ ...nora, username: "no\u200bra" }, "username"],
        ...(name === "setup" ? [] : [
          [{ ...nora, username: "ALICE" }, "username"] as const,
          [{ ...nora, username: "tom@example.com" }, "username"] as const,
        ]),
      ] as const
    ) {
      const asked = await askForOptions(browser, page, typed);
      assertEquals(asked.status, 422, field);
      assert(!(await asked.text()).includes("challenge"));
      // What the script does then.
      const told = await sendCredential(browser, page, "", typed);
      assertEquals(told.response.status, 400);
      assertStringIncludes(told.body, `href="#${field}"`);
      assert(!told.body.includes('href="#password"'), "who wants a passkey needs no password");
    }
    assertEquals((await comeIn(door)).landed.response.status, 200);
  });

  Deno.test(`${name}: options are given only with the link, in the page's own browser`, async () => {
    await using door = await doors[name]();
    const { provider, browser, page } = door;
    const { options } = passkeyUrls(page.body);
    const fields = { ...passkeyForm(page.body), ...nora };
    const ask = (from: Browser, changes: Record<string, string>, headers = {}) =>
      from.send(options, {
        method: "POST",
        body: new URLSearchParams({ ...fields, ...changes }),
        headers,
      });
    for (
      const response of [
        await ask(provider.browser(), {}),
        await ask(browser, { token: "" }),
        await ask(browser, { form_token: "" }),
        await ask(browser, {}, { origin: "https://evil.example" }),
      ]
    ) {
      assertEquals(response.status, 400);
      assert(!(await response.text()).includes("challenge"));
    }
    await comeIn(door);
    const late = await ask(browser, {});
    assertEquals([late.status, await late.json()], [400, { error: "dead" }]);
  });
}

Deno.test("a user who signs up with a passkey continues to the application, signed in", async () => {
  await using door = await doors["sign-up"]();
  const { landed } = await comeIn(door);
  assertMatch(sessionCookie(door.browser) ?? "", /./);
  const back = await door.browser.submit(landed, { decision: "allow" });
  assertEquals(outcomeOf(back), "code");
  const tokens = await (await door.provider.exchange(codeAt(back))).json();
  assert("id_token" in tokens);
  const account = await door.browser.open("/account");
  assertStringIncludes(account.body, 'href="/account/security/recovery-codes"');
});

Deno.test("a name that is taken meanwhile spends neither link nor passkey", async () => {
  await using door = await doors["sign-up"]();
  const { browser, page, another } = door;
  const authenticator = anAuthenticator();
  const credential = await authenticator.create(await creationOptions(browser, page, nora));
  const elsewhere = await another?.() as Landing;
  const password = "a quiet new harbour";
  await browser.submit(elsewhere, { ...nora, password, password_repeat: password });

  const taken = await sendCredential(browser, page, credential, nora);
  assertStringIncludes(taken.body, "Somebody else has this username");
  const made = await sendCredential(browser, taken, credential, { ...nora, username: "nora2" });
  assertEquals(made.response.status, 200);
  assertEquals((await passkeysOf(door.provider, "nora2")).length, 1);
});

Deno.test("a registered passkey cannot create a second account", async () => {
  await using door = await doors["sign-up"]();
  const { browser, another } = door;
  const elsewhere = await another?.() as Landing;
  const { credential } = await comeIn(door);
  const nils = { username: "nils", name: "Nils" };
  const options = await creationOptions(browser, elsewhere, nils);
  const copy: CredentialJson = await anAuthenticator().create(options, {
    credentialId: credential.id,
  });
  const landed = await sendCredential(browser, elsewhere, copy, nils);
  assertStringIncludes(landed.body, "This passkey is already registered");
  assertEquals(await people(door.provider), 2);
});

Deno.test("with closed sign-up no options for a passkey are given", async () => {
  await using provider = await aProvider({ config: { signUp: "closed" } });
  const browser = provider.browser();
  await browser.open(provider.authorizeUrl());
  const browserDigest = await digest(browser.cookies.get("__Host-latchkey_browser") ?? "");
  const doorsOf = [["/sign-up/confirm", "sign_up_link"], [
    "/invitation",
    "invitation_link",
  ]] as const;
  for (const [path, purpose] of doorsOf) {
    const form_token = await formToken(provider.deps, browserDigest, purpose, "token");
    const body = new URLSearchParams({ ...nora, token: "token", form_token });
    const response = await browser.send(`${path}/passkey/options`, { method: "POST", body });
    assertEquals(response.status, 403, path);
  }
});

/** All that is stored but for records of these families. */
async function without(backend: Door["provider"]["backend"], families: readonly string[]) {
  const found = [...await snapshot(backend)].map(([key, value]) => ({ key, value }));
  return found.filter(({ key }) => !families.some((family) => key.startsWith(`["${family}"`)));
}
