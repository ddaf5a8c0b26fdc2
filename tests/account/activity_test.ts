import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import * as auditEvents from "../../stores/audit_events.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { accountBrowser, people, postAccount } from "../support/account.ts";
import { ask, bob, submitLogin } from "../support/authorization.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

const path = "/account/activity";
const atOnce = { timers: { sleep: () => Promise.resolve() } };

/** The titles of the events on a page. */
function titlesOf(body: string): string[] {
  return [...body.matchAll(/<p class="item-title">([^<]*)</g)].map(([, title = ""]) =>
    title.trim()
  );
}

function olderOf(body: string): string | null {
  const href = /href="([^"]*)" id="older"/.exec(body)?.[1];
  return href?.replaceAll("&amp;", "&") ?? null;
}

/** Adds events about a person, a second apart. */
async function addEvents(provider: TestProvider, userId: string, count: number) {
  for (let n = 0; n < count; n++) {
    provider.clock.advance(1);
    await provider.deps.kv.step(systemOrigin, async (tx) => {
      const { user } = await tx.read({ user: users.ref(userId) });
      if (user.value === null) throw new Error("nobody");
      auditEvents.append(tx, { type: "profile_updated", reason: `n${n}`, user });
    });
  }
}

/** Of a person who has just signed in for the first time. */
const first = ["Signed in with password", "Your account was made"];

Deno.test("events are listed newest first, in words, without the automatic requests of applications", async () => {
  await using provider = await aProvider();
  provider.clock.advance(1);
  const stranger = provider.browser();
  await submitLogin(stranger, await ask(provider, { browser: stranger }), {
    ...alice,
    password: "wrong wrong wrong",
  });
  provider.clock.advance(1);
  const browser = await accountBrowser(provider);
  provider.clock.advance(1);
  const tokens = await signInOffline(provider, { browser });
  provider.clock.advance(1);
  await tokensOf(await provider.refresh(tokens.refresh_token));
  const { body } = await browser.open(path);
  assertEquals(titlesOf(body).slice(2), [
    "Signed in with password",
    "Somebody tried to sign in and failed",
    "Your account was made",
  ]);
  assertEquals(titlesOf(body).slice(0, 2).sort(), [
    "The shop was let into your account",
    "You allowed The shop",
  ]);
  assertStringIncludes(body, "From 203.0.113.7");
  assertStringIncludes((await browser.open("/account")).body, "Somebody tried to sign in");
});

Deno.test("a user sees only the events about them", async () => {
  await using provider = await aProvider({ users: people });
  provider.clock.advance(1);
  const hers = await accountBrowser(provider);
  await postAccount(hers, "/account/profile", { nickname: "Ali", version: "" });
  const his = await accountBrowser(provider, bob);
  assertEquals(titlesOf((await his.open(path)).body), first);
});

Deno.test("the cursors of the list are valid only for the same user", async () => {
  await using provider = await aProvider({ users: people });
  provider.clock.advance(1);
  const { userId } = await provider.userOf("alice");
  await addEvents(provider, userId, 60);
  const browser = await accountBrowser(provider);
  const seen: number[] = [];
  const urls: string[] = [];
  for (let url: string | null = path; url !== null;) {
    urls.push(url);
    const { body } = await browser.open(url);
    seen.push(titlesOf(body).length);
    url = olderOf(body);
  }
  assertEquals(seen, [25, 25, 12]);
  assert(!urls.join().includes(userId), "a cursor tells an id");

  const his = await accountBrowser(provider, bob);
  for (const url of [urls[1] ?? "", `${path}?before=x.y`, `${path}?before=`]) {
    assertEquals(titlesOf((await his.open(url)).body), first);
  }
});

Deno.test("many hidden events make a page short, and the next page continues", async () => {
  await using provider = await aProvider();
  const { userId } = await provider.userOf("alice");
  await addEvents(provider, userId, 1);
  for (let n = 0; n < 11; n++) {
    provider.clock.advance(1);
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (let m = 0; m < 100; m++) auditEvents.append(tx, { type: "mail_sent", userId });
    });
  }
  const browser = await accountBrowser(provider);
  const newest = await browser.open(path);
  assertEquals(titlesOf(newest.body).length, 1);
  const older = olderOf(newest.body);
  assertNotEquals(older, null);
  assertEquals(titlesOf((await browser.open(older ?? "")).body), [
    "Your profile was changed",
    "Your account was made",
  ]);
});

Deno.test("index entries are removed with their events, and with their user", async () => {
  await using provider = await aProvider({
    ...atOnce,
    users: people,
    lifetimes: { auditEvent: 100 },
  });
  const entries = async () =>
    [...(await snapshot(provider.backend)).keys()].filter((key) =>
      key.startsWith('["audit_events_by_person"')
    ).length;
  await accountBrowser(provider);
  assert(await entries() > 0);
  provider.clock.advance(101);
  await cleanUp(provider.deps);
  assertEquals(await entries(), 0);
});
