import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { newUser } from "../../src/authn/new_accounts/new_account.ts";
import { randomId } from "../../src/crypto/random.ts";
import { deliverMail } from "../../src/mail/deliver.ts";
import type { Mailer } from "../../src/deps/mailer.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as invitations from "../../stores/invitations.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { ask, sessionCookie, submitLogin } from "../support/authorization.ts";
import { newBrowser } from "../support/browser.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { editUser, snapshot } from "../support/records.ts";
import { answerOf, signInOffline, userinfo } from "../support/tokens.ts";

const zoe = { username: "zoe.quist", password: "a quiet harbour" };
const zoesAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:199.0) Gecko/20100101 Firefox/199.0";
const zoesAddress = "198.51.100.23";
// Each longer than what a random id could hold by chance.
const personal = ["zoe.quist", "zoe quist", "quist.example", "Firefox/199", zoesAddress];

/** A person who signs up later: the operator's bootstrap file does not name her. */
async function addZoe(provider: TestProvider, changes: Partial<users.User> = {}) {
  const passwordHash = await provider.deps.passwordHasher.hash(zoe.password);
  const userId = randomId(provider.deps.random);
  await provider.deps.kv.step(systemOrigin, (tx) => {
    const claims = { name: "Zoe Quist", email: "zoe@quist.example", email_verified: true };
    users.create(tx, userId, {
      ...newUser({ username: zoe.username, passwordHash, claims }, tx.now),
      ...changes,
    });
  });
  return userId;
}

/** As an administrator who did not know that she has an account would leave it. */
async function addInvitation(provider: TestProvider, email: string) {
  const { epoch: providerEpoch } = await provider.providerRecord();
  await provider.deps.kv.step(systemOrigin, (tx) =>
    invitations.add(tx, randomId(tx.random), {
      email,
      username: null,
      claims: {},
      administrator: false,
      clientId: null,
      language: "en",
      tokenDigest: "A".repeat(43),
      providerEpoch,
      createdAt: tx.now,
      sentAt: tx.now,
      spentBy: null,
      expiresAt: tx.now + 86_400,
    }));
}

function zoesBrowser(provider: TestProvider) {
  return newBrowser((path, init) => {
    const headers = new Headers(init?.headers);
    headers.set("user-agent", zoesAgent);
    return provider.request(path, { ...init, headers, address: zoesAddress });
  }, issuer);
}

Deno.test("the export contains everything about a user, and no secret or digest", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const tokens = await signInOffline(provider, { browser });
  const { response, body } = await postAccount(browser, "/account/data/export");
  assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
  assertStringIncludes(response.headers.get("content-disposition") ?? "", "attachment");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const data = JSON.parse(body);
  assertEquals(data.account.username, "alice");
  assertEquals(data.profile, alice.claims);
  assertEquals(data.sign_in.password, true);
  assertEquals([data.sessions.length, data.sessions[0].address], [1, "203.0.113.7"]);
  assertEquals(data.applications[0].client_id, "shop");
  assertEquals(data.applications[0].offline_access, true);
  const types = data.activity.map(({ type }: { type: string }) => type);
  for (const type of ["account_exported", "signed_in", "code_exchanged"]) {
    assert(types.includes(type), type);
  }
  const { user } = await provider.userOf("alice");
  const session = sessionCookie(browser) ?? "";
  for (
    const secret of [
      user.passwordHash ?? "",
      user.auditKey,
      session.split(".").at(-1) ?? "",
      tokens.refresh_token,
      tokens.access_token,
    ]
  ) {
    assert(!body.includes(secret));
  }
  assert(!/digest|sealed|secret|hash/i.test(body), "the export names a secret");
});

Deno.test("a deleted user leaves nothing personal, and the audit trail still verifies", async () => {
  await using provider = await aProvider({ timers: { sleep: () => Promise.resolve() } });
  const userId = await addZoe(provider);
  const browser = await accountBrowser(provider, zoe, zoesBrowser(provider));
  const tokens = await signInOffline(provider, { browser, user: zoe });
  await postAccount(browser, "/account/profile", { nickname: "Zoe Quist the first", version: "" });
  // What is short-lived: a link on its way, half a sign-in elsewhere, a hint in a pending request.
  await browser.submit(await browser.open("/password-reset"), { username: "zoe@quist.example" });
  const elsewhere = zoesBrowser(provider);
  await ask(provider, { browser: elsewhere, parameters: { login_hint: "ZOE.quist" } });
  await ask(provider, {
    browser: provider.browser(),
    parameters: { id_token_hint: tokens.id_token },
  });
  await addInvitation(provider, "zoe@quist.example");
  await submitLogin(elsewhere, await elsewhere.open("/account"), {
    ...zoe,
    password: "no no no no",
  });
  assert(await sealAuditEvents(provider.deps) !== null, "nothing was sealed before");
  const before = await snapshot(provider.backend);
  const found = (records: Map<string, unknown>) =>
    [...records].filter(([key, value]) => {
      const text = `${key} ${JSON.stringify(value)}`.toLowerCase();
      return personal.some((one) => text.includes(one.toLowerCase()));
    }).map(([key]) => key);
  assert(found(before).length >= 4, "there was nothing to find before");

  const page = await browser.open("/account/data/delete");
  const landing = await browser.submit(page, { username: "Zoe.Quist" });
  assertEquals(landing.url.pathname, "/account/deleted");
  assertStringIncludes(landing.body, "Your account is deleted");
  assertEquals(sessionCookie(browser), undefined);

  const mails = await sentMails(provider);
  const goodbye = mails.filter(({ to }) => to === "zoe@quist.example");
  assertEquals(goodbye.length, 1, "the link for a password was never sent: nobody can use it");
  assertStringIncludes(goodbye[0]?.subject ?? "", "is deleted");

  const after = await snapshot(provider.backend);
  assertEquals(found(after), []);
  // Of her id, which says nothing by itself, the pseudonymous trail is left, and for an hour at most
  // the record of a token that opens nothing.
  const named = [...after].filter(([key, value]) =>
    `${key} ${JSON.stringify(value)}`.includes(userId)
  ).map(([key]) => String(JSON.parse(key)[0]).replace("_by_time", ""));
  assertEquals([...new Set(named)], ["access_tokens", "audit_events"]);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "400 invalid_grant");
  assertEquals((await browser.open("/account")).url.pathname, "/login");

  await sealAuditEvents(provider.deps);
  const keptSince = (provider.clock.seconds() - 90 * 86_400) * 1000;
  const verified = await verifyTrail(() => auditTrail(provider.deps), { keptSince });
  assertEquals([verified.problems, verified.unsealedEvents], [[], 0]);
  assert(verified.sealedEvents > 10);
});

Deno.test("an undeliverable last mail leaves nothing about the deleted user, and is not sent later", async () => {
  let refuses = false;
  const mailer: Mailer = {
    send({ to, text }) {
      const complaint = `${to} (${to.split("@")[0]}) is not here: ${text.slice(0, 80)}`;
      return refuses ? Promise.reject(new Error(complaint)) : Promise.resolve();
    },
  };
  await using provider = await aProvider({ mailer });
  const userId = await addZoe(provider);
  const browser = await accountBrowser(provider, zoe);
  await deliverMail(provider.deps);
  refuses = true;
  await postAccount(browser, "/account/data/delete", { username: zoe.username });
  await assertRejects(() => provider.userOf(zoe.username));

  const lastWord = async () => {
    const { entries } = await provider.deps.kv.list({ collection: mailOutbox.all, limit: 100 });
    return entries.find(({ value }) => value.template === "account_deleted")?.value;
  };
  await deliverMail(provider.deps);
  const waiting = await lastWord();
  assertEquals([waiting?.attempts, waiting?.lastError], [1, null]);
  assert(waiting?.sealedMail, "it is tried once more");
  for (let n = 0; n < 20 && (await lastWord())?.deadAt === null; n++) {
    provider.clock.advance(5000);
    await deliverMail(provider.deps);
  }
  const dead = await lastWord();
  assertEquals([typeof dead?.deadAt, dead?.sealedMail, dead?.lastError], ["number", null, null]);
  const left = [...await snapshot(provider.backend)]
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`.toLowerCase())
    .filter((text) => personal.some((one) => text.includes(one.toLowerCase())));
  assertEquals(left, []);
  assert(!JSON.stringify(dead).includes(userId));
});

Deno.test("records that do not fit into the commit are removed too, and are invalid before that", async () => {
  await using provider = await aProvider();
  const userId = await addZoe(provider);
  for (let n = 0; n < 12; n++) {
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (let m = 0; m < 100; m++) auditEvents.append(tx, { type: "mail_sent", userId });
    });
  }
  const browser = await accountBrowser(provider, zoe);
  await postAccount(browser, "/account/data/delete", { username: zoe.username });
  const keys = [...(await snapshot(provider.backend)).keys()];
  assertEquals(keys.filter((key) => key.includes(userId)), []);
});

Deno.test("an account is deleted only with the right username", async () => {
  await using provider = await aProvider();
  await addZoe(provider);
  const browser = await accountBrowser(provider, zoe);
  for (const username of ["", "zoe", "alice", `${zoe.username}x`]) {
    const landing = await postAccount(browser, "/account/data/delete", { username });
    assertEquals(landing.response.status, 400);
    assertStringIncludes(landing.body, 'id="username-error"');
  }
  assertEquals((await browser.open("/account")).url.pathname, "/account");
});

Deno.test("the last administrator cannot be deleted; of two who leave at the same moment one stays", async () => {
  await using provider = await aProvider();
  await addZoe(provider, { administrator: true });
  const hers = await accountBrowser(provider, zoe);
  const alone = await postAccount(hers, "/account/data/delete", { username: zoe.username });
  assertEquals(alone.response.status, 400);
  assertStringIncludes(alone.body, "You are the last administrator");

  for (let round = 0; round < 3; round++) {
    await editUser(provider, "alice", { administrator: true, status: "active" });
    const [one, other] = [await accountBrowser(provider, zoe), await accountBrowser(provider)];
    const landings = await Promise.all([
      postAccount(one, "/account/data/delete", { username: zoe.username }),
      postAccount(other, "/account/data/delete", { username: "alice" }),
    ]);
    const paths = landings.map(({ url }) => url.pathname).sort();
    assertEquals(paths, ["/account/data/delete", "/account/deleted"]);
    const zoeIsGone = landings[0]?.url.pathname === "/account/deleted";
    if (!zoeIsGone) break; // alice is of the bootstrap file, and can't be made again here
    await addZoe(provider, { administrator: true });
  }
});

Deno.test("a suspended administrator does not count as another administrator", async () => {
  await using provider = await aProvider();
  await editUser(provider, "alice", { administrator: true, status: "suspended" });
  await addZoe(provider, { administrator: true });
  const browser = await accountBrowser(provider, zoe);
  const landing = await postAccount(browser, "/account/data/delete", { username: zoe.username });
  assertStringIncludes(landing.body, "You are the last administrator");
});
