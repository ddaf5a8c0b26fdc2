import { ownerOfName, usernameRef } from "../../../stores/user_names.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../../stores/engine/kv.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import { aFailingStore, assertInvalidLink } from "../../journeys/one_time_links.ts";
import { type Browser, formOf, type Landing } from "../../support/browser.ts";
import { ask, bob, outcomeOf, signedInBrowser } from "../../support/authorization.ts";
import { newestLink, sentMails } from "../../support/mails.ts";
import { alice, aProvider, issuer, type TestProvider } from "../../support/provider.ts";
import { auditTrail, deleteUser, editUser, snapshot } from "../../support/records.ts";
import { answerOf, signInOffline, userinfo } from "../../support/tokens.ts";
import { anEavesdropper, bobWithAddress, carol, type Told } from "../../support/told.ts";

const password = "a quiet new harbour";
const chosen = { password, password_repeat: password };
const address = "alice@example.com";

async function request(
  provider: TestProvider,
  username: string,
  { browser = provider.browser(), language = "en" }: { browser?: Browser; language?: string } = {},
): Promise<Landing> {
  const headers = { "accept-language": language };
  const page = await browser.open("/password-reset", { headers });
  const { action, hidden } = formOf(page.body);
  const body = new URLSearchParams({ ...hidden, username });
  return await browser.open(action, { method: "POST", body, headers });
}

/** Asks for a link and opens it. */
async function openLink(provider: TestProvider, browser = provider.browser()) {
  await request(provider, address);
  return { browser, page: await browser.open(await newestLink(provider)) };
}

async function canSignIn(provider: TestProvider, word: string, username = alice.username) {
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  const landed = await browser.submit(login, { username, password: word });
  return landed.url.pathname !== "/login";
}

function assertDead(landing: Landing) {
  assertInvalidLink(landing, "This link does not work");
}

Deno.test("a user who forgot their password gets a link by mail, and sets a new one with it", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  assertStringIncludes(login.body, `href="/password-reset${login.url.search}"`);

  const sent = await request(provider, address, { browser });
  assertEquals(sent.url.pathname, "/password-reset/sent");
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, address);
  const link = await newestLink(provider);
  assertMatch(link, /^\/password-reset\/confirm\?token=[A-Za-z0-9_-]{43}$/);

  const page = await browser.open(link);
  assertStringIncludes(page.body, 'value="alice"');
  const done = await browser.submit(page, chosen);

  assertEquals(done.url.pathname, "/password-reset/done");
  assertEquals(await canSignIn(provider, password), true);
  assertEquals(await canSignIn(provider, alice.password), false);
  const [notice] = await sentMails(provider);
  assertEquals(notice?.to, address);
  assertEquals(notice?.subject, "Your password at op.example was changed");
  assert(!notice?.text.includes("token="));
  const events = (await auditTrail(provider)).map(({ type, outcome }) => `${type} ${outcome}`);
  for (const type of ["password_reset_requested", "password_reset"]) {
    assertEquals(events.filter((event) => event === `${type} success`).length, 1);
  }
});

Deno.test("a reset works with a username or an address, and the mail is in the user's language", async () => {
  await using provider = await aProvider();
  await request(provider, " ALICE ", { language: "de" });
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, address);
  assertEquals(mail?.subject, "Ein neues Passwort bei op.example wählen");
  assertStringIncludes(mail?.html ?? "", '<html lang="de">');
});

Deno.test("the link uses the issuer's URL, whatever the Host header says", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const { hidden } = formOf((await browser.open("/password-reset")).body);
  await browser.send("/password-reset", {
    method: "POST",
    body: new URLSearchParams({ ...hidden, username: address }),
    headers: { host: "evil.example", "x-forwarded-host": "evil.example" },
  });
  const [mail] = await sentMails(provider);
  assertStringIncludes(mail?.text ?? "", `${issuer}/password-reset/confirm`);
  assert(!JSON.stringify(mail).includes("evil.example"));
});

Deno.test("the answer and the work do not reveal whether an address is known", async () => {
  const eavesdropper = anEavesdropper();
  const { wrap } = eavesdropper;
  await using provider = await aProvider({ users: [alice, bobWithAddress, carol], wrap });
  await editUser(provider, "bob", { status: "suspended" });
  const browser = provider.browser();
  const { hidden } = formOf((await browser.open("/password-reset")).body);
  const told: Told[] = [];

  const names = [
    address,
    "alice",
    "nobody@example.com",
    "bob@example.com",
    "carol",
    "x".repeat(256),
  ];
  for (const username of names) {
    const body = new URLSearchParams({ ...hidden, username });
    const send = () => browser.send("/password-reset", { method: "POST", body });
    told.push(await eavesdropper.listen(send));
  }

  for (const one of told) assertEquals(one, told[0]);
  assertEquals(told[0]?.calls, ["read", "read", "commit"]);
  assertEquals(told[0]?.status, 303);
  assertEquals((await sentMails(provider)).map(({ to }) => to), [address, address]);
});

Deno.test("the decoy for an unknown address gives no access and does not contain the address", async () => {
  await using provider = await aProvider();
  await request(provider, "nobody@example.com");
  for (const [key, value] of await snapshot(provider.backend)) {
    assert(!`${key} ${JSON.stringify(value)}`.includes("nobody@example.com"));
  }
  assertEquals(await sentMails(provider), []);
});

Deno.test("mail scanners that open the link do not spend it", async () => {
  await using provider = await aProvider();
  await request(provider, address);
  const link = await newestLink(provider);
  for (let n = 0; n < 5; n++) {
    assertEquals((await provider.browser().open(link)).response.status, 200);
    assertEquals((await provider.request(link, { method: "HEAD" })).status, 200);
  }
  const browser = provider.browser();
  const done = await browser.submit(await browser.open(link), chosen);
  assertEquals(done.url.pathname, "/password-reset/done");
});

Deno.test("a link is good once", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  await browser.submit(page, chosen);
  const spent = [...await snapshot(provider.backend)].filter(([key, value]) =>
    key.includes('"challenges"') && !JSON.stringify(value).includes('"spentBy":null')
  );
  assertEquals(spent.length, 1, "a tombstone says that it was used");
  const again = { password: "another one", password_repeat: "another one" };
  assertDead(await browser.submit(page, again));
  assertDead(await browser.open(await linkBefore(provider)));
  assertEquals(await canSignIn(provider, password), true);
});

/** The link of the newest reset mail. */
async function linkBefore(provider: TestProvider): Promise<string> {
  const mail = (await sentMails(provider)).find(({ text }) => text.includes("token="));
  return /\/password-reset\/confirm\S+/.exec(mail?.text ?? "")?.[0] ?? "";
}

Deno.test("a link expires", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  provider.clock.advance(599);
  assertEquals((await browser.open(await newestLink(provider))).response.status, 200);
  provider.clock.advance(1);
  assertDead(await browser.open(await newestLink(provider)));
  assertDead(await browser.submit(page, chosen));
  assertEquals(await canSignIn(provider, alice.password), true);
});

Deno.test("a new password ends every session, grant and earlier link of the user, and of nobody else", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const device = await signedInBrowser(provider);
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();
  const others = await signInOffline(provider, { user: bob });
  await request(provider, address);
  const earlier = await newestLink(provider);
  const { browser, page } = await openLink(provider);

  await browser.submit(page, chosen);

  const { user } = await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { name } = await tx.read({ name: usernameRef("alice") });
    return await tx.read({ user: users.ref(ownerOfName(name, "alice") ?? "") });
  });
  assertEquals([user.value?.epoch, user.value?.sessionEpoch], [2, 2]);
  assertEquals(outcomeOf(await ask(provider, { browser: device })), "login");
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertDead(await provider.browser().open(earlier));
  assertEquals((await provider.refresh(others.refresh_token)).status, 200);
});

Deno.test("a link ends with a change of the address, a suspension or the account", async () => {
  const changes: [string, (provider: TestProvider) => Promise<void>][] = [
    [
      "another address",
      (provider) =>
        editUser(provider, "alice", { claims: { email: "new@example.com", email_verified: true } }),
    ],
    [
      "not verified",
      (provider) =>
        editUser(provider, "alice", { claims: { email: address, email_verified: false } }),
    ],
    ["suspended", (provider) => editUser(provider, "alice", { status: "suspended" })],
    ["deleted", (provider) => deleteUser(provider, "alice")],
  ];
  for (const [what, change] of changes) {
    await using provider = await aProvider();
    const { browser, page } = await openLink(provider);
    await change(provider);
    assertDead(await browser.submit(page, chosen));
    assertDead(await browser.open(await newestLink(provider)));
    if (what !== "deleted") {
      await editUser(provider, "alice", {
        status: "active",
        claims: { email: address, email_verified: true },
      });
      // It was refused, and so it is unspent.
      assertEquals((await browser.open(await newestLink(provider))).response.status, 200, what);
    }
  }
});

Deno.test("a rejected password spends nothing", async () => {
  const cases: [Record<string, string>, string][] = [
    [{ password: "short", password_repeat: "short" }, "password"],
    [{ password: "x".repeat(129), password_repeat: "x".repeat(129) }, "password"],
    [{ password: "", password_repeat: "" }, "password"],
    [{ password, password_repeat: "another one" }, "password_repeat"],
    [{ password, password_repeat: "" }, "password_repeat"],
  ];
  await using provider = await aProvider();
  let { browser, page } = await openLink(provider);
  for (const [fields, field] of cases) {
    page = await browser.submit(page, fields);
    assertEquals(page.response.status, 400);
    assertStringIncludes(page.body, `href="#${field}"`);
    assert(!page.body.includes(password), "a password is in the page");
  }
  assertEquals((await browser.submit(page, chosen)).url.pathname, "/password-reset/done");
});

Deno.test("forms of another site or browser are refused and spend nothing", async () => {
  await using provider = await aProvider();
  const { browser, page } = await openLink(provider);
  const { action, hidden } = formOf(page.body);
  const post = (from: Browser, form: Record<string, string>, headers = {}) =>
    from.send(action, { method: "POST", body: new URLSearchParams(form), headers });
  const refused = [
    await post(browser, { ...hidden, ...chosen }, { origin: "https://evil.example" }),
    await post(provider.browser(), { ...hidden, ...chosen }),
    await post(browser, { ...hidden, ...chosen, token: "A".repeat(43) }),
    await post(browser, { token: hidden.token ?? "", ...chosen }),
    await browser.send("/password-reset", {
      method: "POST",
      body: new URLSearchParams({ username: address }),
    }),
  ];
  assertEquals(refused.map(({ status }) => status), [400, 400, 400, 400, 400]);
  assertEquals((await browser.submit(page, chosen)).url.pathname, "/password-reset/done");
});

Deno.test("an empty form is shown again, and a wrong token leads nowhere", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const landed = await browser.submit(await browser.open("/password-reset"), { username: "  " });
  assertEquals(landed.response.status, 400);
  assertStringIncludes(landed.body, 'href="#username"');
  for (const query of ["?token=a&token=b", `?token=${"A".repeat(43)}`]) {
    assertDead(await browser.open(`/password-reset/confirm${query}`));
  }
});

Deno.test("if the commit fails, nothing is spent, and the same form works afterwards", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ wrap: store.wrap });
  const { browser, page } = await openLink(provider);
  store.fails = true;
  const failed = await browser.submit(page, chosen);
  assertEquals(failed.response.status, 503);
  store.fails = false;
  const before = alice.password;
  while (!await canSignIn(provider, before)) await systemTimers.sleep(20); // it is settled soon
  assertEquals((await browser.submit(page, chosen)).url.pathname, "/password-reset/done");
  assertEquals(await canSignIn(provider, password), true);
});

Deno.test("an address gets three mails in a quarter of an hour, and the fourth is refused to anybody", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  for (
    const [name, expected] of [[address, [200, 200, 200, 429]], ["no@x.example", [
      200,
      200,
      200,
      429,
    ]]] as const
  ) {
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await request(provider, name)).response.status);
    assertEquals(statuses, [...expected]);
  }
  assertEquals((await sentMails(provider)).length, 3);
});

Deno.test("a username and its address share one mail limit, and no answer reveals it", async () => {
  const proved = { ...carol, claims: { ...carol.claims, email_verified: true } };
  const { wrap, watch } = anEavesdropper();
  await using provider = await aProvider({
    users: [alice, proved],
    config: { rateLimits: true },
    wrap,
  });
  const browser = provider.browser();
  const { hidden } = formOf((await browser.open("/password-reset")).body);
  const ask = async (username: string) => {
    const body = new URLSearchParams({ ...hidden, username });
    let response = Response.error();
    const work = await watch(async () =>
      response = await browser.send("/password-reset", { method: "POST", body })
    );
    await response.body?.cancel();
    const { status, headers } = response;
    const left = headers.get("ratelimit")?.split(",")[0]; // the route's goes down with each request
    return { status, left, ...work };
  };

  // The first asks for nobody; the second's mails have all been sent when it asks by the address.
  const nobody = [];
  for (const name of ["ghost", "ghost", "no@x.example", "no@x.example", "no@x.example"]) {
    nobody.push(await ask(name));
  }
  const somebody = [];
  for (const name of ["alice", "ALICE", address, address, "Alice@Example.com"]) {
    somebody.push(await ask(name));
  }
  assertEquals(somebody, nobody);
  assertEquals(somebody.map(({ status }) => status), Array(5).fill(303));
  assertEquals((await sentMails(provider)).map(({ to }) => to), Array(3).fill(address));
  const events = (await auditTrail(provider)).filter(({ reason }) => reason === "mail_limit");
  assertEquals(events.map(({ outcome }) => outcome), ["failure", "failure"]);

  await ask("carol");
  assertEquals((await sentMails(provider))[0]?.to, "carol@example.com");
  provider.clock.advance(15 * 60);
  await ask("alice");
  assertEquals((await sentMails(provider))[0]?.to, address);
});
