import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { strings } from "../../../src/language/languages.ts";
import { fromBase64url } from "../../../src/crypto/encoding.ts";
import { attestationCertificate, attestationKey } from "../../support/attestation_certificate.ts";
import {
  anAuthenticator,
  type Attestation,
  sign,
  type ToSign,
  type Ways,
} from "../../support/authenticator.ts";
import { accountBrowser } from "../../support/account.ts";
import {
  bob,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  submitLogin,
} from "../../support/authorization.ts";
import { type Browser, formOf } from "../../support/browser.ts";
import { enterCode, giveApp, secondFactorPath } from "../../support/factors.ts";
import { sentMails } from "../../support/mails.ts";
import {
  askForOptions,
  creationOptions,
  inPage,
  openPasskeys,
  passkeysPage,
  registerPasskey,
  sendCredential,
  signInWithPasskey,
  withPasskey,
} from "../../support/passkeys.ts";
import { alice, aProvider } from "../../support/provider.ts";
import { auditTrail, deleteUser, editUser, snapshot } from "../../support/records.ts";
import { passkeysOf } from "./records.ts";

const { account: t } = strings("en").passkeys;

Deno.test("a user adds a passkey: it is listed, reported by mail, and stored with its details", async () => {
  await using provider = await aProvider();
  const authenticator = anAuthenticator({
    synced: true,
    counts: false,
    aaguid: "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
  });
  const { browser, page } = await openPasskeys(provider);
  assertStringIncludes(page.body, t.none);
  const options = await creationOptions(browser, page);
  const { userId } = await provider.userOf("alice");
  assertEquals(options.rp.id, "op.example");
  assertEquals(options.user, { id: userId, name: "alice", displayName: "Alice Adams" });
  assertEquals(options.attestation, "none");
  assertEquals(options.authenticatorSelection?.residentKey, "required");
  const listed = await sendCredential(browser, page, await authenticator.create(options));
  assertEquals(listed.url.pathname, passkeysPage);
  for (const text of ["Google Password Manager", t.synced, t.neverUsed, t.recoveryLink]) {
    assertStringIncludes(listed.body, text);
  }
  const [passkey] = await passkeysOf(provider);
  assertEquals(passkey?.transports, ["internal", "hybrid"]);
  assertEquals([passkey?.deviceType, passkey?.backedUp], ["multiDevice", true]);
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, "alice@example.com");
  assertStringIncludes(mail?.text ?? "", "Google Password Manager");
  const [event] = (await auditTrail(provider)).filter(({ type }) => type === "passkey_added");
  assertEquals([event?.userId, event?.about], [userId, passkey?.id]);
});

Deno.test("a user without a verified address gets no mail", async () => {
  await using provider = await aProvider({ users: [bob] });
  await registerPasskey(provider, { user: bob });
  assertEquals(await sentMails(provider), []);
});

Deno.test("a passkey of an unknown kind is named after the browser that created it", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openPasskeys(provider);
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
  await browser.send(passkeysPage, {
    method: "POST",
    body: new URLSearchParams({
      ...formOf(page.body).hidden,
      credential: JSON.stringify(credential),
    }),
    headers: { "user-agent": agent },
  });
  assertEquals((await passkeysOf(provider))[0]?.name, "Firefox, Linux");
});

const refusedWays: Record<string, () => Ways | Promise<Ways>> = {
  "of another origin": () => ({ origin: "https://evil.example" }),
  "for another relying party": () => ({ rpId: "evil.example" }),
  "of another type": () => ({ type: "webauthn.get" }),
  "in a frame": () => ({ crossOrigin: true }),
  "with nobody there": () => ({ userPresent: false }),
  "to a challenge that nobody made": () => ({ challenge: "A".repeat(43) }),
  "with certificates that nobody asked for": () => ({
    attestation: {
      fmt: "packed",
      attStmt: new Map<string, unknown>([
        ["alg", -7],
        ["sig", new Uint8Array(70)],
        ["x5c", [new Uint8Array(100)]],
      ]),
    },
  }),
  "vouched for by Apple": () => ({
    attestation: { fmt: "apple", attStmt: new Map([["x5c", [new Uint8Array(100)]]]) },
  }),
  "with a statement where there is none": () => ({
    attestation: { fmt: "none", attStmt: new Map([["sig", new Uint8Array(70)]]) },
  }),
};

for (const [what, ways] of Object.entries(refusedWays)) {
  Deno.test(`a registration ${what} adds nothing, and spends nothing`, async () => {
    await using provider = await aProvider();
    const { browser, page } = await openPasskeys(provider);
    const options = await creationOptions(browser, page);
    const authenticator = anAuthenticator();
    const bad = await sendCredential(
      browser,
      page,
      await authenticator.create(options, await ways()),
    );
    assertEquals(bad.response.status, 400);
    assertStringIncludes(bad.body, 'id="error-summary"');
    assertEquals(await passkeysOf(provider), []);
    const good = await sendCredential(browser, page, await authenticator.create(options));
    assertEquals(good.response.status, 200);
    assertEquals((await passkeysOf(provider)).length, 1);
  });
}

Deno.test("a registration is good once, in its browser, for its user, for five minutes", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const { browser, page } = await openPasskeys(provider);
  const authenticator = anAuthenticator();
  const late = await authenticator.create(await creationOptions(browser, page));
  const credential = await authenticator.create(await creationOptions(browser, page));
  const ofBob = await openPasskeys(provider, { user: bob });
  const foreign = await sendCredential(ofBob.browser, ofBob.page, credential);
  assertStringIncludes(foreign.body, inPage(t.errors.expired));
  const elsewhere = await openPasskeys(provider);
  const other = await sendCredential(elsewhere.browser, elsewhere.page, credential);
  assertStringIncludes(other.body, inPage(t.errors.expired));
  assertEquals((await sendCredential(browser, page, credential)).response.status, 200);
  // The same form again is a double click; any other one is refused.
  const again = await sendCredential(browser, page, credential, { again: "yes" });
  assertStringIncludes(again.body, inPage(t.errors.expired));
  provider.clock.advance(299);
  assertEquals((await sendCredential(browser, page, late)).response.status, 200);
  assertEquals((await passkeysOf(provider)).length, 2);
});

Deno.test("a credential belongs to one user, and a second registration is refused", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const authenticator = await withPasskey(provider);
  const [id = ""] = authenticator.credentials.map(({ id }) => id);
  const mine = await openPasskeys(provider);
  const options = await creationOptions(mine.browser, mine.page);
  assertEquals(options.excludeCredentials?.map((one) => one.id), [id]);
  const thief = await openPasskeys(provider, { user: bob });
  const theirs = await anAuthenticator().create(
    await creationOptions(thief.browser, thief.page),
    { credentialId: id },
  );
  const claimed = await sendCredential(thief.browser, thief.page, theirs);
  assertStringIncludes(claimed.body, inPage(t.errors.known));
  assertEquals(await passkeysOf(provider, "bob"), []);
  assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "consent");
});

Deno.test("a user can have twenty passkeys", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openPasskeys(provider);
  const authenticator = anAuthenticator();
  const one = await authenticator.create(await creationOptions(browser, page));
  const ids = Array.from({ length: 20 }, (_, n) => `${n}`.padEnd(43, "A"));
  await editUser(provider, "alice", { passkeys: ids });
  const landed = await sendCredential(browser, page, one);
  assertStringIncludes(landed.body, inPage(t.errors.full));
  assert(!landed.body.includes("passkey-button"), "a button that can only fail");
  assertEquals((await provider.userOf("alice")).user.passkeys, ids);
});

Deno.test("the passkey pages require a sign-in of the last five minutes, at each step", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openPasskeys(provider);
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  provider.clock.advance(300);
  const options = await askForOptions(browser, page);
  assertStringIncludes(options.headers.get("location") ?? "", "/login?");
  const added = await sendCredential(browser, page, credential);
  assertEquals(added.url.pathname, "/login");
  assertEquals(await passkeysOf(provider), []);
  assertEquals((await submitLogin(browser, added)).url.pathname, passkeysPage);
  assertEquals((await provider.browser().open(passkeysPage)).url.pathname, "/login");
});

Deno.test("a user with an authenticator app must show its code to add or remove a passkey", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openPasskeys(provider);
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  const app = await giveApp(provider); // from here on the session is one of half a sign-in
  const stopped = await sendCredential(browser, page, credential);
  assertEquals(stopped.url.pathname, "/login");
  const half = await submitLogin(browser, stopped);
  assertEquals(half.url.pathname, secondFactorPath);
  assertEquals(await passkeysOf(provider), []);
  const whole = await enterCode(browser, half, app.code());
  assertEquals(whole.url.pathname, passkeysPage);
});

/** Posts a form of a passkey's own page. */
async function change(
  browser: Browser,
  passkeyId: string,
  what: "rename" | "remove",
  fields: Record<string, string> = {},
) {
  const page = await browser.open(`${passkeysPage}/${passkeyId}`);
  return await browser.open(`${passkeysPage}/${passkeyId}/${what}`, {
    method: "POST",
    body: new URLSearchParams({ ...formOf(page.body).hidden, ...fields }),
  });
}

Deno.test("a passkey can be renamed, with 1 to 64 characters", async () => {
  await using provider = await aProvider();
  await withPasskey(provider);
  const [passkey] = await passkeysOf(provider);
  const { browser } = await openPasskeys(provider);
  const id = passkey?.id ?? "";
  for (const name of ["", "   ", "x".repeat(65), "a\u0000b", "\u2800"]) {
    const refused = await change(browser, id, "rename", { name });
    assertStringIncludes(refused.body, inPage(t.errors.name), JSON.stringify(name));
  }
  const hostile = '<b onclick="x">Ключ</b>';
  const listed = await change(browser, id, "rename", { name: ` ${hostile} ` });
  assertEquals(listed.url.pathname, passkeysPage);
  assert(!listed.body.includes(hostile), "a name is text");
  assertEquals((await passkeysOf(provider))[0]?.name, hostile);
  assert((await auditTrail(provider)).some(({ type }) => type === "passkey_renamed"));
  await change(browser, id, "rename", { name: "🔑".repeat(64) });
  assertEquals((await passkeysOf(provider))[0]?.name, "🔑".repeat(64));
});

Deno.test("a removed passkey signs nobody in, and the user is told", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const [passkey] = await passkeysOf(provider);
  const { browser } = await openPasskeys(provider);
  const listed = await change(browser, passkey?.id ?? "", "remove");
  assertEquals(listed.url.pathname, passkeysPage);
  assertStringIncludes(listed.body, t.none);
  const keys = [...(await snapshot(provider.backend)).keys()];
  assertEquals(keys.filter((key) => key.startsWith('["passkeys"')), []);
  assertEquals((await signInWithPasskey(provider, authenticator)).response.status, 401);
  assert((await sentMails(provider)).some(({ subject }) => subject.includes("removed")));
  const events = (await auditTrail(provider)).map(({ type }) => type);
  assert(events.includes("passkey_removed"));
});

Deno.test("removing the passkey of a lost device can also end its sessions at once", async () => {
  await using provider = await aProvider();
  for (const signOut of [false, true]) {
    await withPasskey(provider);
    const [passkey] = await passkeysOf(provider);
    const lost = await accountBrowser(provider);
    const { browser } = await openPasskeys(provider);
    const fields: Record<string, string> = signOut ? { sign_out: "yes" } : {};
    const listed = await change(browser, passkey?.id ?? "", "remove", fields);
    assertStringIncludes(listed.body, t.notices[signOut ? "signed_out" : "removed"]);
    assertEquals(await isSignedIn(provider, sessionCookie(lost)), !signOut);
    assertEquals(await isSignedIn(provider, sessionCookie(browser)), true);
    const ended = (await auditTrail(provider)).filter(({ type }) => type === "sessions_ended");
    assertEquals(ended.map(({ reason }) => reason), signOut ? ["all_others"] : []);
  }
  // Nothing is left of the places and devices of the others.
  const keys = [...(await snapshot(provider.backend)).keys()];
  assertEquals(keys.filter((key) => key.startsWith('["sessions"')).length, 1);
});

Deno.test("a user cannot see, rename or remove another user's passkey", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  await withPasskey(provider);
  await registerPasskey(provider, { user: bob });
  const [passkey] = await passkeysOf(provider);
  const before = await passkeysOf(provider);
  const [own] = await passkeysOf(provider, "bob");
  const { browser } = await openPasskeys(provider, { user: bob });
  const url = `${passkeysPage}/${passkey?.id}`;
  assertEquals((await browser.open(url)).response.status, 404);
  const { hidden } = formOf((await browser.open(`${passkeysPage}/${own?.id}`)).body);
  for (const what of ["rename", "remove"]) {
    await browser.open(`${url}/${what}`, {
      method: "POST",
      body: new URLSearchParams({ ...hidden, name: "mine" }),
    });
  }
  assertEquals(await passkeysOf(provider), before);
});

Deno.test("the last sign-in method cannot be removed: a passkey without a password", async () => {
  await using provider = await aProvider();
  const authenticator = await withPasskey(provider);
  const { browser } = await openPasskeys(provider);
  const [passkey] = await passkeysOf(provider);
  await editUser(provider, "alice", { passwordHash: null });
  const page = await browser.open(`${passkeysPage}/${passkey?.id}`);
  assertStringIncludes(page.body, inPage(t.lastWayIn));
  const refused = await change(browser, passkey?.id ?? "", "remove");
  assertStringIncludes(refused.body, inPage(t.errors.last_way_in));
  assertEquals((await passkeysOf(provider)).length, 1);
  assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "consent");
});

Deno.test("if two tabs each remove one of the last two passkeys, one passkey stays", async () => {
  for (let round = 0; round < 10; round++) {
    await using provider = await aProvider();
    await withPasskey(provider);
    await withPasskey(provider);
    const { browser } = await openPasskeys(provider);
    await editUser(provider, "alice", { passwordHash: null });
    const ids = (await passkeysOf(provider)).map(({ id }) => id);
    const landed = await Promise.all(ids.map((id) => change(browser, id, "remove")));
    assertEquals((await passkeysOf(provider)).length, 1);
    assertEquals(landed.map(({ response }) => response.status).sort(), [200, 400]);
  }
});

/** Vouches for a key with itself, as the specification has it for want of a certificate. */
async function selfMade({ data, keys }: ToSign): Promise<Attestation> {
  const sig = await sign(-7, keys.privateKey, data);
  return { fmt: "packed", attStmt: new Map<string, unknown>([["alg", -7], ["sig", sig]]) };
}

/** Vouches for a key with a certificate that is whole and right. */
async function certified({ data }: ToSign): Promise<Attestation> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pkcs8 = fromBase64url(attestationKey);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  const x5c = [fromBase64url(attestationCertificate)];
  const attStmt = new Map<string, unknown>([
    ["alg", -7],
    ["sig", await sign(-7, key, data)],
    ["x5c", x5c],
  ]);
  return { fmt: "packed", attStmt };
}

Deno.test("if the password and the last passkey are removed at once, one stays", async () => {
  for (let round = 0; round < 5; round++) {
    await using provider = await aProvider();
    await withPasskey(provider);
    const { browser } = await openPasskeys(provider);
    const [passkey] = await passkeysOf(provider);
    const pages = await Promise.all(
      [`${passkeysPage}/${passkey?.id}`, "/account/security/password/remove"]
        .map((path) => browser.open(path)),
    );
    await Promise.all(pages.map(({ body }) => {
      const { action, hidden } = formOf(body);
      return browser.send(action, { method: "POST", body: new URLSearchParams(hidden) });
    }));
    const { user } = await provider.userOf("alice");
    assertEquals(user.passkeys.length + (user.passwordHash === null ? 0 : 1), 1);
  }
});

Deno.test("a self attestation is accepted, and an attestation with a certificate is refused", async () => {
  const cases: [string, Ways["attestation"], number][] = [
    ["itself", selfMade, 200],
    ["itself, wrongly", (toSign) => selfMade({ ...toSign, data: new Uint8Array(1) }), 400],
    // To look whether it was revoked, the server would have to fetch what it names.
    ["a certificate", certified, 400],
  ];
  for (const [by, attestation, status] of cases) {
    await using provider = await aProvider();
    const { browser, page } = await openPasskeys(provider);
    const options = await creationOptions(browser, page);
    const credential = await anAuthenticator().create(options, { attestation });
    const landed = await sendCredential(browser, page, credential);
    assertEquals(landed.response.status, status, by);
  }
});

Deno.test("a passkey is stored under the id that its authenticator signed", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openPasskeys(provider);
  const credential = await anAuthenticator().create(await creationOptions(browser, page));
  const id = "A".repeat(43);
  const landed = await sendCredential(browser, page, { ...credential, id, rawId: id });
  assertEquals(landed.response.status, 400);
  assertEquals(await passkeysOf(provider), []);
});

Deno.test("the passkeys of a deleted user are deleted", async () => {
  await using provider = await aProvider();
  await withPasskey(provider);
  await withPasskey(provider);
  await deleteUser(provider, "alice");
  const keys = [...(await snapshot(provider.backend)).keys()];
  assertEquals(keys.filter((key) => key.startsWith('["passkeys"')), []);
});
