import { auditEventIn } from "../support/audit_records.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { KvMutation } from "../../stores/engine/kv.ts";
import { acquire, LeaseLost } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { accountBrowser, people, postAccount } from "../support/account.ts";
import { signedInBrowser } from "../support/authorization.ts";
import { aDpopKey } from "../support/dpop.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

const day = 86_400;
/** An event that a newer release wrote before a rollback: it counts as administration. */
const ofNewerRelease = "of_a_newer_release";
const atOnce = { timers: { sleep: () => Promise.resolve() } };

async function families({ backend }: TestProvider): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of (await snapshot(backend)).keys()) {
    const family = String(JSON.parse(key)[0]);
    counts[family] = (counts[family] ?? 0) + 1;
  }
  return counts;
}

async function addEvents(provider: TestProvider, type: AuditEventType, count: number) {
  for (let left = count; left > 0; left -= 100) {
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (let n = 0; n < Math.min(left, 100); n++) auditEvents.append(tx, { type });
    });
  }
}

/** Families whose records have no end: they stay until somebody removes them, or by the audit's retention. */
const lasting = [
  "audit_events",
  "audit_events_by_person",
  "audit_events_by_time",
  "bootstrap_entries",
  "clients",
  "consents",
  "encryption_keys",
  "migrations",
  "passkeys",
  "provider",
  "resources",
  "setup_links",
  "signing_keys",
  "signing_key_changes",
  "users",
  "users_by_address",
  "users_by_name",
];

Deno.test("every record that has an end is written with it, so that the store removes it then", async () => {
  const written: { mutation: KvMutation & { type: "set" }; at: number }[] = [];
  let now = () => Date.now();
  await using provider = await aProvider({
    config: { rateLimits: true },
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        for (const mutation of batch.mutations) {
          if (mutation.type === "set") written.push({ mutation, at: now() });
        }
        return backend.commit(batch);
      },
    }),
  });
  now = () => provider.clock.milliseconds();
  const dpop = await (await aDpopKey(provider)).proof({ path: "/par" });
  const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
  await provider.post("/par", { ...Object.fromEntries(query), ...provider.credentials() }, {
    dpop,
  });
  const { refresh_token } = await signInOffline(provider);
  await tokensOf(await provider.refresh(refresh_token));
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });

  const endless = new Set<string>();
  const ending = new Set<string>();
  for (const { mutation: { key, record: stored, expireIn }, at } of written) {
    const record = stored as { expiresAt?: number };
    const family = String(key[0]);
    if (typeof record.expiresAt !== "number") {
      endless.add(family);
      assertEquals(expireIn, undefined, family);
      continue;
    }
    ending.add(family);
    const linger = family === "sessions" ? day : 0;
    const milliseconds = Math.max(1, (record.expiresAt + linger) * 1000 - at);
    assert(Math.abs((expireIn ?? 0) - milliseconds) < 2000, `${family}: ${expireIn}`);
  }
  assertEquals([...endless].filter((family) => !lasting.includes(family)), []);
  for (const family of ["sessions", "grants", "grants_by_user", "rate_limits", "dpop_jtis"]) {
    assert(ending.has(family), family);
  }
});

Deno.test("live records stay: a refresh token works after any number of cleanups", async () => {
  await using provider = await aProvider(atOnce);
  const { refresh_token } = await signInOffline(provider);
  for (let days = 0; days < 20; days++) {
    provider.clock.advance(day);
    await cleanUp(provider.deps);
  }
  await tokensOf(await provider.refresh(refresh_token));
});

Deno.test("a cleanup with nothing to remove reads less than a tenth of the live records", async () => {
  let keysRead = 0;
  await using provider = await aProvider({
    ...atOnce,
    wrap: (backend) => ({
      ...backend,
      getMany(keys) {
        keysRead += keys.length;
        return backend.getMany(keys);
      },
      async list(selector, options) {
        const page = await backend.list(selector, options);
        keysRead += Math.max(1, page.entries.length);
        return page;
      },
    }),
  });
  await signInOffline(provider);
  await addEvents(provider, "refresh_token_used", 400);
  await addEvents(provider, "user_updated", 100);
  const live = (await snapshot(provider.backend)).size;
  assert(live > 500, `${live} records`);
  for (let nights = 1; nights <= 2; nights++) {
    keysRead = 0;
    assertEquals(await cleanUp(provider.deps), {});
    assert(keysRead < live / 10, `night ${nights}: ${keysRead} of ${live}`);
    provider.clock.advance(day);
  }
});

Deno.test("audit events are deleted after 90 days, or after the configured time", async () => {
  await using provider = await aProvider({ ...atOnce, lifetimes: { auditEvent: 10 * day } });
  await signedInBrowser(provider);
  const { audit_events_by_time: before = 0 } = await families(provider);
  provider.clock.advance(10 * day - 1);
  await cleanUp(provider.deps);
  assertEquals((await families(provider)).audit_events_by_time, before);
  provider.clock.advance(2);
  await cleanUp(provider.deps);
  const left = await families(provider);
  assertEquals([left.audit_events, left.audit_events_by_time], [undefined, undefined]);
});

Deno.test("each kind of audit events has its own retention, which may become shorter", async () => {
  const auditEventOfKind = { tokens: 2 * day, administration: 30 * day };
  await using provider = await aProvider({
    ...atOnce,
    lifetimes: { auditEvent: 10 * day, auditEventOfKind },
  });
  provider.clock.advance(31 * day);
  await cleanUp(provider.deps); // what the boot wrote
  const counts = async () => {
    const stored = [...await snapshot(provider.backend)]
      .flatMap(([key, value]) => auditEventIn(JSON.parse(key), value)?.type ?? []);
    return ["token_issued", "signed_in", "user_updated", ofNewerRelease].map((type) =>
      stored.filter((one) => one === type).length
    );
  };
  await addEvents(provider, "token_issued", 250);
  await addEvents(provider, "signed_in", 3);
  await addEvents(provider, "user_updated", 2);
  await addEvents(provider, ofNewerRelease as AuditEventType, 1);
  assertEquals(await counts(), [250, 3, 2, 1]);
  const after: Record<number, number[]> = {
    1: [250, 3, 2, 1],
    3: [0, 3, 2, 1],
    11: [0, 0, 2, 1],
  };
  let days = 0;
  for (const [at, expected] of Object.entries(after)) {
    provider.clock.advance((Number(at) - days) * day);
    days = Number(at);
    await cleanUp(provider.deps);
    assertEquals(await counts(), expected, `after ${at} days`);
  }
  const shorter = { auditEvent: 10 * day, auditEventOfKind: { administration: 5 * day } };
  const { deps } = provider;
  const lifetimes = { ...deps.config.lifetimes, ...shorter };
  assertEquals(await cleanUp({ ...deps, config: { ...deps.config, lifetimes } }), {
    audit_events: 3,
  });
  assertEquals(await counts(), [0, 0, 0, 0]);
});

Deno.test("a cleanup that had a wrong clock does not keep later ones from what they have to remove", async () => {
  await using provider = await aProvider({ ...atOnce, lifetimes: { auditEvent: 10 * day } });
  provider.clock.advance(365 * day);
  assert((await cleanUp(provider.deps))?.audit_events);
  provider.clock.advance(-365 * day);
  await addEvents(provider, "signed_in", 150);
  provider.clock.advance(10 * day + 1);
  assertEquals(await cleanUp(provider.deps), { audit_events: 150 });
  await addEvents(provider, "signed_in", 1);
  provider.clock.advance(10 * day + 1);
  assertEquals(await cleanUp(provider.deps), { audit_events: 1 });
});

Deno.test("only one process cleans up at a time, and after losing its lease it deletes nothing more", async () => {
  await using provider = await aProvider(atOnce);
  const { kv, timers } = provider.deps;
  await acquire(kv, { name: "cleanup", holder: "another", lifetime: 60 }, { timers });
  assertEquals(await cleanUp(provider.deps), null);

  let paused: (() => Promise<void>) | null = null;
  await using slow = await aProvider({
    wrap: (backend) => ({
      ...backend,
      async list(selector, options) {
        const page = await backend.list(selector, options);
        await paused?.();
        return page;
      },
    }),
    ...atOnce,
  });
  await tokensOf(await slow.exchange(await slow.authorize()));
  slow.clock.advance(91 * day);
  const before = (await families(slow)).audit_events_by_time;
  paused = async () => {
    paused = null;
    slow.clock.advance(61);
    const other = { name: "cleanup", holder: "another", lifetime: 60 };
    await acquire(slow.restart().deps.kv, other, { timers });
  };
  await assertRejects(() => cleanUp(slow.deps), LeaseLost);
  assertEquals((await families(slow)).audit_events_by_time, before);
});

Deno.test("a cleanup keeps its lease while it passes over many events of another kind", async () => {
  let slow = false;
  await using provider = await aProvider({
    lifetimes: { auditEventOfKind: { administration: 365 * day } },
    wrap: (backend) => ({
      ...backend,
      list(selector, options) {
        if (slow) provider.clock.advance(20);
        return backend.list(selector, options);
      },
    }),
    ...atOnce,
  });
  await addEvents(provider, "user_updated", 1000);
  await addEvents(provider, "token_issued", 1);
  provider.clock.advance(91 * day);
  slow = true;
  assert(((await cleanUp(provider.deps))?.audit_events ?? 0) > 0);
  assertEquals(await cleanUp(provider.deps), {}, "it gave the lease back");
});

Deno.test("a cleanup finishes the deletion of a user whose process died in between", async () => {
  let died = false;
  await using provider = await aProvider({
    ...atOnce,
    users: people,
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        if (died) return Promise.reject(new Error("the process is dead"));
        died = batch.mutations.some(({ type, key }) => type === "delete" && key[0] === "users");
        // Without what belongs to the user, as if it had not fit into the commit.
        const isIndexed = /^(sessions|consents|grants)/;
        const kept = batch.mutations.filter(({ type, key }) =>
          !(died && type === "delete" && isIndexed.test(String(key[0])))
        );
        return backend.commit({ ...batch, mutations: kept });
      },
    }),
  });
  const browser = await accountBrowser(provider);
  await signInOffline(provider, { browser });
  const { userId } = await provider.userOf(alice.username);
  await postAccount(browser, "/account/data/delete", { username: alice.username });
  died = false;
  const named = async () =>
    [...await snapshot(provider.backend)]
      .filter(([key, value]) => `${key}${JSON.stringify(value)}`.includes(userId))
      .map(([key]) => String(JSON.parse(key)[0]));
  const families = [...new Set(await named())];
  for (const family of ["consents", "sessions", "grants", "unfinished_deletions"]) {
    assert(families.includes(family), `${family} is not left in ${families}`);
  }
  await cleanUp(provider.deps);
  assertEquals(
    (await named()).filter((family) => !/^(access_tokens|audit_events(_by_time)?)$/.test(family)),
    [],
  );
});

Deno.test("a cleanup rests for four times as long as it works", async () => {
  let [worked, rested] = [0, 0];
  let sweeping = false;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      list(selector, options) {
        if (sweeping && String("start" in selector && selector.start[0]).startsWith("audit_")) {
          worked += 10;
          provider.clock.advance(0.01);
        }
        return backend.list(selector, options);
      },
    }),
    timers: {
      sleep(milliseconds) {
        if (sweeping) rested += milliseconds;
        return Promise.resolve();
      },
    },
  });
  await addEvents(provider, "token_issued", 300);
  provider.clock.advance(91 * day);
  sweeping = true;
  await cleanUp(provider.deps);
  assert(worked > 0);
  assertEquals(Math.floor(rested / worked), 4);
});
