import {
  aFailingStore,
  assertInvalidLink,
  submitAfterFailure,
} from "../../journeys/one_time_links.ts";
import { formAnswer } from "../../support/form_answer.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { raiseEpoch } from "../../../src/boot/raise_epoch.ts";
import { bob, codeAt, isSignedIn, outcomeOf, sessionCookie } from "../../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../../support/browser.ts";
import { aClient } from "../../support/clients.ts";
import {
  aliceAddress,
  askForMail,
  mailCode,
  sessionsOf,
  submitAtOnce,
  wrong,
} from "../../support/mail_sign_in.ts";
import { newestLink, sentMails } from "../../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { auditTrail, deleteUser, editUser, renameUser } from "../../support/records.ts";
import { anEavesdropper, bobWithAddress, carol, type Told } from "../../support/told.ts";

function assertDead(landing: Landing) {
  assertInvalidLink(landing, "This sign-in link does not work");
}

async function claimsOf(provider: TestProvider, landing: Landing) {
  const answer = await (await provider.exchange(codeAt(landing))).json();
  return decodeJwt(answer.id_token);
}

/** A browser that says what it is. */
function named(browser: Browser, userAgent: string): Browser {
  const { send } = browser;
  browser.send = (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("user-agent", userAgent);
    return send(path, { ...init, headers });
  };
  return browser;
}

async function allow(browser: Browser, landing: Landing): Promise<Landing> {
  if (landing.url.pathname !== "/consent") return landing;
  return await browser.submit(landing, { decision: "allow" });
}

Deno.test("a link by mail signs in, in the browser that requested it, and continues to the application", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  const { 1: href = "" } = /href="(\/magic-link\?interaction=[\w-]+)"/.exec(login.body) ?? [];
  const asked = await browser.submit(await browser.open(href), {
    email: aliceAddress,
    way: "link",
  });
  assertEquals(asked.url.pathname, "/magic-link/sent");

  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, aliceAddress);
  assertStringIncludes(mail?.text ?? "", "op.example");
  const link = await newestLink(provider);
  assertMatch(link, /^\/magic-link\/confirm\?token=[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
  const page = await browser.open(link);
  assertStringIncludes(page.body, "alice");
  assertEquals(sessionCookie(browser), undefined, "looking signs in");

  const landed = await allow(browser, await browser.submit(page, {}));

  assertEquals(outcomeOf(landed), "code");
  const { amr, acr } = await claimsOf(provider, landed);
  assertEquals([amr, acr], [["email"], "urn:latchkey:acr:1fa"]);
  const events = (await auditTrail(provider)).map(({ type, reason }) => `${type} ${reason}`);
  assert(events.includes("mail_sign_in_requested link"));
  assert(events.includes("signed_in email"));
});

Deno.test("the mail names the application and the requester, in the user's language", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { client_name: "Harbour" })],
  });
  const browser = named(
    provider.browser(),
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
  );
  await askForMail(provider, "link", { browser, language: "de" });
  const [mail] = await sentMails(provider);
  assertEquals(mail?.subject, "Bei op.example anmelden");
  assertStringIncludes(mail?.text ?? "", "weiter zu Harbour");
  assertStringIncludes(mail?.text ?? "", "Firefox unter Linux von der Adresse 203.0.113.7");
  assertStringIncludes(mail?.html ?? "", "Firefox unter Linux von der Adresse 203.0.113.7");
});

Deno.test("a stranger's header cannot put text into a mail", async () => {
  await using provider = await aProvider();
  const browser = named(
    provider.browser(),
    "Call +1 555 0100 at once/1 (your account is in danger)",
  );
  await askForMail(provider, "link", { browser });
  const [mail] = await sentMails(provider);
  assertStringIncludes(mail?.text ?? "", "It was requested from the address 203.0.113.7.");
  assert(!JSON.stringify(mail).includes("555"));
});

Deno.test("the answer and the work do not reveal whether an address is known, for a link and a code", async () => {
  const eavesdropper = anEavesdropper();
  const { wrap } = eavesdropper;
  await using provider = await aProvider({ users: [alice, bobWithAddress, carol], wrap });
  await editUser(provider, "bob", { status: "suspended" });
  for (const way of ["link", "code"]) {
    const told: { asked: Told; sent: string; guessed: Told }[] = [];
    const addresses = [aliceAddress, "ALICE@example.com", "nobody@example.com"]
      .concat("bob@example.com", "carol@example.com", `${"x".repeat(242)}@example.com`);
    for (const email of addresses) {
      const browser = provider.browser();
      const login = await browser.open(provider.authorizeUrl());
      const page = await browser.open(`/magic-link${login.url.search}`);
      const { action, hidden } = formOf(page.body);
      const post = (to: string, fields: Record<string, string>) =>
        eavesdropper.listen(() =>
          browser.send(to, { method: "POST", body: new URLSearchParams(fields) })
        );
      const asked = await post(action, { ...hidden, email, way });
      const sent = await browser.open(asked.location ?? "");
      const code = formOf(sent.body);
      const guessed = await post(code.action, { ...code.hidden, code: "BBBB-BBBB" });
      const plain = (text: string) => text.replaceAll(/[A-Za-z0-9_-]{22,}/g, "*");
      told.push({
        asked: { ...asked, location: plain(asked.location ?? "") },
        sent: plain(sent.body),
        guessed: {
          ...guessed,
          body: plain(guessed.body),
          location: plain(guessed.location ?? ""),
        },
      });
    }
    for (const one of told) assertEquals(one, told[0]);
    assertEquals(told[0]?.asked.calls, ["read", "read", "commit"]);
  }
  assertEquals(new Set((await sentMails(provider)).map(({ to }) => to)), new Set([aliceAddress]));
});

Deno.test("mail scanners that open the link do not spend it", async () => {
  await using provider = await aProvider();
  const { browser } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  for (let n = 0; n < 5; n++) {
    const scanner = provider.browser();
    assertEquals((await scanner.open(link)).response.status, 200);
    assertEquals((await scanner.send(link, { method: "HEAD" })).status, 200);
    assertEquals((await browser.send(link, { method: "HEAD" })).status, 200);
  }
  const landed = await browser.submit(await browser.open(link), {});
  assertEquals(outcomeOf(landed), "consent");
});

Deno.test("a link is good once: of 50 concurrent requests one creates a session", async () => {
  await using provider = await aProvider();
  const { browser } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  const page = await browser.open(link);

  const responses = await submitAtOnce(browser, page, {});

  const signedIn = responses.filter(({ headers }) =>
    headers.getSetCookie().some((cookie) => cookie.includes("latchkey_session="))
  );
  assertEquals(signedIn.length, 1);
  assertEquals(await sessionsOf(provider), 1);
  const type = (await auditTrail(provider)).filter(({ type }) => type === "signed_in");
  assertEquals(type.length, 1);
});

Deno.test("a double click continues, and a used link signs in no other browser", async () => {
  await using provider = await aProvider();
  const { browser } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  const page = await browser.open(link);
  await browser.submit(page, {});
  assertEquals(outcomeOf(await browser.submit(page, {})), "consent");
  assertEquals(await sessionsOf(provider), 1);
  assertDead(await provider.browser().open(link));

  const landed = await allow(browser, await browser.submit(page, {}));
  assertEquals(outcomeOf(landed), "code");
  browser.cookies.delete("__Host-latchkey_session");
  await browser.submit(page, {});
  assertEquals(sessionCookie(browser), undefined, "a spent link made a session");
});

Deno.test("two links are each good once, and the second renews the same session", async () => {
  await using provider = await aProvider();
  const { browser, page: sent } = await askForMail(provider, "link");
  const first = await newestLink(provider);
  const again = await browser.open(
    `/magic-link?interaction=${sent.url.searchParams.get("interaction")}`,
  );
  await browser.submit(again, { email: aliceAddress, way: "link" });
  const second = await newestLink(provider);
  assert(first !== second);

  await browser.submit(await browser.open(first), {});
  const cookie = sessionCookie(browser);
  await browser.submit(await browser.open(second), {});

  assertEquals(await sessionsOf(provider), 1);
  assert(sessionCookie(browser) !== cookie, "the secret of the session is another one");
  for (const link of [first, second]) assertDead(await provider.browser().open(link));
});

Deno.test("after signing out, the other links of a finished sign-in are invalid", async () => {
  await using provider = await aProvider();
  const { browser, page: sent } = await askForMail(provider, "link");
  const first = await newestLink(provider);
  const again = await browser.open(
    `/magic-link?interaction=${sent.url.searchParams.get("interaction")}`,
  );
  await browser.submit(again, { email: aliceAddress, way: "link" });
  const second = await newestLink(provider);
  await allow(browser, await browser.submit(await browser.open(first), {}));
  await browser.submit(await browser.open("/logout"), {}); // and so the session is gone

  const late = await browser.submit(await browser.open(second), {});

  assertEquals(outcomeOf(late), "page invalid_request");
  assertEquals(sessionCookie(browser), undefined);
});

Deno.test("a link in another browser signs nobody in, and shows a code for the first browser", async () => {
  await using provider = await aProvider();
  const { browser, page: waiting } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  const phone = provider.browser();
  const opened = await phone.open(link);
  assertStringIncludes(opened.body, "Continue where you started");
  assert(!mailCode.test(opened.body.replace(/<head>.*<\/head>/s, "")), "a GET shows the code");

  const shown = await phone.submit(opened, {});
  const { 0: code = "" } = mailCode.exec(shown.body) ?? [];
  assertStringIncludes(shown.body, "Never tell it to anybody");
  assertEquals(sessionCookie(phone), undefined);
  assertStringIncludes((await phone.submit(opened, {})).body, code, "a reload shows another code");
  const turned = (await auditTrail(provider)).filter(({ type }) =>
    type === "magic_link_turned_into_code"
  );
  const { userId } = await provider.userOf("alice");
  assertEquals(turned.map((event) => event.userId), [userId], "a reload does nothing");
  assertStringIncludes((await provider.browser().open(link)).body, "Continue where you started");

  // Where it began the link goes on to work, as a program may have pressed the button.
  assertEquals((await browser.open(link)).url.pathname, "/magic-link/confirm");
  const landed = await allow(browser, await browser.submit(waiting, { code }));
  assertEquals(outcomeOf(landed), "code");
  assertDead(await phone.submit(opened, {}));
});

Deno.test("the code of a link is refused in another browser, and valid for five minutes", async () => {
  await using provider = await aProvider();
  const { browser, page: waiting } = await askForMail(provider, "link");
  const phone = provider.browser();
  const opened = await phone.open(await newestLink(provider));
  const { 0: code = "" } = mailCode.exec((await phone.submit(opened, {})).body) ?? [];
  const { hidden, action } = formOf(waiting.body);

  const thief = await askForMail(provider, "link", { address: "nobody@example.com" });
  const mixed = { ...formOf(thief.page.body).hidden, request: hidden.request ?? "", code };
  const stolen = await thief.browser.open(action, {
    method: "POST",
    body: new URLSearchParams(mixed),
  });
  assertEquals(stolen.response.status, 401);
  assertEquals(sessionCookie(thief.browser), undefined);

  provider.clock.advance(300);
  assertEquals((await browser.submit(waiting, { code })).response.status, 401);
  assertDead(await phone.submit(opened, {}));
});

Deno.test("50 browsers that turn one link into a code all see the same code, with the same five tries", async () => {
  await using provider = await aProvider();
  const { browser, page: waiting } = await askForMail(provider, "link");
  const phone = provider.browser();
  const opened = await phone.open(await newestLink(provider));
  const answers = await submitAtOnce(phone, opened, {});
  const codes = await Promise.all(
    answers.map(async (answer) => mailCode.exec(await answer.text())?.[0]),
  );
  assertEquals(new Set(codes).size, 1);
  const [code = ""] = codes;
  for (let n = 1; n <= 4; n++) await browser.submit(waiting, { code: wrong(code, n) });
  await phone.submit(opened, {});
  await browser.submit(waiting, { code: wrong(code) });
  assertEquals((await browser.submit(waiting, { code })).response.status, 401, "tries came back");
});

Deno.test("a link expires after its lifetime", async () => {
  await using provider = await aProvider();
  const { browser } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  provider.clock.advance(599);
  const page = await browser.open(link);
  assertEquals(page.response.status, 200);
  provider.clock.advance(1);
  assertDead(await browser.open(link));
  assertDead(await browser.submit(page, {}));
  assertEquals(sessionCookie(browser), undefined);
});

Deno.test("a link is refused, unspent, while its user or address is changed", async () => {
  const verified = { email: aliceAddress, email_verified: true };
  const changes: [string, (provider: TestProvider) => Promise<void>, boolean][] = [
    ["suspended", (p) => editUser(p, "alice", { status: "suspended" }), true],
    [
      "another address",
      (p) => editUser(p, "alice", { claims: { email: "new@example.com", email_verified: true } }),
      true,
    ],
    ["no address", (p) => editUser(p, "alice", { claims: {} }), true],
    ["a password reset", (p) => editUser(p, "alice", { epoch: 2 }), false],
    ["deleted", (p) => deleteUser(p, "alice"), false],
  ];
  for (const [what, change, comesBack] of changes) {
    await using provider = await aProvider();
    const { browser } = await askForMail(provider, "link");
    const link = await newestLink(provider);
    const page = await browser.open(link);
    const phone = provider.browser();
    const elsewhere = await phone.open(link);
    await change(provider);
    assertDead(await browser.submit(page, {}));
    assertDead(await browser.open(link));
    assertDead(await phone.submit(elsewhere, {}));
    assertEquals(sessionCookie(browser), undefined, what);
    if (!comesBack) continue;
    await editUser(provider, "alice", { status: "active", claims: verified });
    assertEquals(outcomeOf(await browser.submit(page, {})), "consent", `${what} spent it`);
  }
});

Deno.test("a link that does not belong to this browser's sign-in is refused and spends nothing", async () => {
  await using provider = await aProvider({
    users: [alice, { ...bob, claims: { email: "bob@example.com", email_verified: true } }],
  });
  const { browser } = await askForMail(provider, "link");
  const link = await newestLink(provider);
  const page = await browser.open(link);
  const { action, hidden } = formOf(page.body);
  const other = await askForMail(provider, "link", { address: "bob@example.com" });
  const bobs = await other.browser.open(await newestLink(provider));
  const token = hidden.token ?? "";
  const post = async (from: Browser, path: string, form: Record<string, string>, headers = {}) =>
    await formAnswer(
      provider.deps,
      await from.send(path, { method: "POST", body: new URLSearchParams(form), headers }),
    );
  const elsewhere = formOf((await provider.browser().open(link)).body);
  const noOrigin = await provider.request(action, {
    method: "POST",
    body: new URLSearchParams(hidden),
    headers: { cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") },
  });
  const stranger = provider.browser();
  const theirs = formOf((await stranger.open(link)).body);
  const relayed = await stranger.open(action, {
    method: "POST",
    body: new URLSearchParams(theirs.hidden),
  });
  assertEquals(relayed.response.status, 400);
  assertStringIncludes(relayed.body, "This link belongs to another browser");
  const attacks: [string, Response][] = [
    ["without Origin", noOrigin],
    ["another site's", await post(browser, action, hidden, { origin: "https://evil.example" })],
    ["another browser, with this form", await post(provider.browser(), action, hidden)],
    [
      "another browser's own form",
      await post(other.browser, action, { ...hidden, ...formOf(bobs.body).hidden, token }),
    ],
    ["another person's token here", await post(browser, action, formOf(bobs.body).hidden)],
    ["without a form token", await post(browser, action, { token })],
    ["without a token", await post(browser, action, { form_token: hidden.form_token ?? "" })],
    [
      "the other page's form of another browser",
      await post(browser, "/magic-link/elsewhere", elsewhere.hidden),
    ],
    [
      "as a password reset",
      await post(browser, "/password-reset/confirm", {
        ...hidden,
        password: "a quiet new harbour",
        password_repeat: "a quiet new harbour",
      }),
    ],
    [
      "a code out of order",
      await post(browser, "/magic-link/code", { ...hidden, code: "BBBB-BBBB" }),
    ],
  ];
  for (const [what, response] of attacks) assertEquals(response.status, 400, what);
  for (const query of ["?token=a&token=b", `?token=${"A".repeat(66)}`]) {
    assertDead(await browser.open(`/magic-link/confirm${query}`));
  }
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(outcomeOf(await browser.submit(page, {})), "consent");
});

Deno.test("a link of an earlier state of the server is refused", async () => {
  await using provider = await aProvider();
  const { browser } = await askForMail(provider, "link");
  const page = await browser.open(await newestLink(provider));
  await raiseEpoch(provider.deps);
  const answer = await browser.submit(page, {});
  assertEquals(answer.response.status, 400);
  assertEquals(sessionCookie(browser), undefined);
});

Deno.test("if the commit fails, the link stays valid", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ wrap: store.wrap });
  const { browser } = await askForMail(provider, "link");
  const page = await browser.open(await newestLink(provider));
  const landed = await submitAfterFailure(store, browser, page, {});
  assertEquals(outcomeOf(landed), "consent");
});

Deno.test("a user whose username is an unverified address verifies it with the link, unless another user has", async () => {
  const address = "dora@example.com";
  const dora = {
    username: "dora",
    password: "a password of dora",
    claims: { email: address, email_verified: false },
  };
  for (const taken of [false, true]) {
    await using provider = await aProvider({ users: [alice, dora] });
    await renameUser(provider, "dora", address); // before names had to be a proved address
    const { browser } = await askForMail(provider, "link", { address });
    const page = await browser.open(await newestLink(provider));
    if (taken) {
      await editUser(provider, "alice", { claims: { email: address, email_verified: true } });
    }
    const landed = await browser.submit(page, {});
    const { user } = await provider.userOf(address);
    assertEquals(user.claims.email_verified, !taken);
    assertEquals(sessionCookie(browser) === undefined, taken);
    if (taken) assertDead(landed);
    else {
      assertEquals(outcomeOf(landed), "consent");
      const types = (await auditTrail(provider)).map(({ type }) => type);
      assert(types.includes("address_verified"));
      assert(await isSignedIn(provider, sessionCookie(browser)));
    }
  }
});

Deno.test("a link is only the first factor of a user with an authenticator app", async () => {
  await using provider = await aProvider();
  await editUser(provider, "alice", {
    totp: { sealedSecret: "sealed", lastStep: 0, createdAt: 0 },
  });
  const { browser } = await askForMail(provider, "link");
  const page = await browser.open(await newestLink(provider));
  const { action, hidden } = formOf(page.body);
  const answer = await browser.send(action, { method: "POST", body: new URLSearchParams(hidden) });
  assertMatch(answer.headers.get("location") ?? "", /^\/login\/second-factor\?/);
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(await sessionsOf(provider), 0);
});

Deno.test("an address gets three mails in a quarter of an hour, and the fourth is refused to anybody", async () => {
  for (const address of [aliceAddress, "nobody@example.com"]) {
    await using provider = await aProvider({ config: { rateLimits: true } });
    for (let n = 0; n < 3; n++) {
      const { page } = await askForMail(provider, n === 1 ? "code" : "link", { address });
      assertEquals(page.url.pathname, "/magic-link/sent");
    }
    const { page } = await askForMail(provider, "link", { address: address.toUpperCase() });
    assertEquals(page.response.status, 429);
  }
});

Deno.test("an invalid address is asked for again", async () => {
  await using provider = await aProvider();
  for (const address of ["", "alice", "alice@example.com, bob@example.com", "a@b\r\nBcc: c@d"]) {
    const { page } = await askForMail(provider, "link", { address });
    assertEquals(page.response.status, 400);
    assertStringIncludes(page.body, 'href="#email"');
  }
  assertEquals(await sentMails(provider), []);
});

Deno.test("another browser cannot request a mail for a sign-in or wait for it", async () => {
  await using provider = await aProvider();
  const { page } = await askForMail(provider, "link");
  const other = provider.browser();
  for (const path of [`/magic-link${page.url.search}`, `/magic-link/sent${page.url.search}`]) {
    assertEquals(outcomeOf(await other.open(path)), "page invalid_request");
  }
});

Deno.test("mails for a new password and for a sign-in share one limit, which no answer reveals", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  const browser = provider.browser();
  const reset = await browser.open("/password-reset");
  for (let i = 0; i < 3; i++) await browser.submit(reset, { username: "alice" });
  assertEquals((await sentMails(provider)).length, 3);
  const { page } = await askForMail(provider, "link");
  assertEquals([page.response.status, page.url.pathname], [200, "/magic-link/sent"]);
  assertEquals((await sentMails(provider)).length, 3);
});
