import { usernameRef } from "../../stores/user_names.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { acquire, LeaseLost } from "../../stores/engine/leases.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { signedInBrowser } from "../support/authorization.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { signInOffline, tokensOf } from "../support/tokens.ts";

const day = 86_400;
const atOnce = { timers: { sleep: () => Promise.resolve() } };

async function families({ backend }: TestProvider): Promise<Record<string, number>> {
  const { entries } = await backend.list({ prefix: [] }, { limit: 1000 });
  const counts: Record<string, number> = {};
  for (const { key } of entries) counts[String(key[0])] = (counts[String(key[0])] ?? 0) + 1;
  return counts;
}

Deno.test("expired codes, tokens, grants, interactions and their tombstones are deleted", async () => {
  await using provider = await aProvider(atOnce);
  await tokensOf(await provider.exchange(await provider.authorize()));
  await provider.browser().open(provider.authorizeUrl());
  provider.clock.advance(2 * 3600);
  await cleanUp(provider.deps);
  const left = await families(provider);
  for (const family of ["authorization_codes", "access_tokens", "grants", "interactions"]) {
    assertEquals(left[family], undefined, family);
  }
  assertEquals(left.sessions, 1, "who is signed in stays so");
});

Deno.test("a session is deleted one day after its end", async () => {
  await using provider = await aProvider(atOnce);
  await signedInBrowser(provider);
  provider.clock.advance(day + day - 1);
  await cleanUp(provider.deps);
  assertEquals((await families(provider)).sessions, 1);
  provider.clock.advance(1);
  await cleanUp(provider.deps);
  assertEquals((await families(provider)).sessions, undefined);
});

Deno.test("live records stay: a refresh token works after any number of sweeps", async () => {
  await using provider = await aProvider(atOnce);
  const { refresh_token } = await signInOffline(provider);
  for (let days = 0; days < 20; days++) {
    provider.clock.advance(day);
    await cleanUp(provider.deps);
  }
  await tokensOf(await provider.refresh(refresh_token));
});

Deno.test("only index entries without a record are deleted", async () => {
  await using provider = await aProvider({ ...atOnce, wrap: (backend) => backend });
  await signedInBrowser(provider);
  const before = await families(provider);
  await cleanUp(provider.deps);
  assertEquals((await families(provider)).users_by_name, before.users_by_name);

  const { entries } = await provider.backend.list({ prefix: ["sessions"] }, { limit: 10 });
  const [session] = entries;
  assert(session);
  await provider.backend.commit({
    checks: [],
    mutations: [{ type: "delete", key: session.key }],
  });
  const removed = await cleanUp(provider.deps);
  assertEquals(removed?.sessions_by_user, 1);
});

Deno.test("audit events are deleted after 90 days, or after the configured time", async () => {
  await using provider = await aProvider({ ...atOnce, lifetimes: { auditEvent: 10 * day } });
  await signedInBrowser(provider);
  const { audit_events: before = 0 } = await families(provider);
  provider.clock.advance(10 * day - 1);
  await cleanUp(provider.deps);
  assertEquals((await families(provider)).audit_events, before);
  provider.clock.advance(2);
  await cleanUp(provider.deps);
  const left = await families(provider);
  assertEquals([left.audit_events, left.audit_events_by_time], [undefined, undefined]);
});

Deno.test("only one process cleans up at a time, and after losing its lease it deletes nothing more", async () => {
  await using provider = await aProvider(atOnce);
  const { kv, timers } = provider.deps;
  await acquire(kv, { name: "cleanup", holder: "another", lifetime: 60 }, { timers });
  assertEquals(await cleanUp(provider.deps), null);

  let paused: (() => Promise<void>) | null = null;
  let raw: KvBackend | undefined;
  await using slow = await aProvider({
    wrap: (backend) => {
      raw = backend;
      return {
        ...backend,
        async list(selector, options) {
          const page = await backend.list(selector, options);
          if (selector && "prefix" in selector && selector.prefix[0] === "access_tokens") {
            await paused?.();
          }
          return page;
        },
      };
    },
    ...atOnce,
  });
  await tokensOf(await slow.exchange(await slow.authorize()));
  slow.clock.advance(2 * 3600);
  paused = async () => {
    slow.clock.advance(61);
    const other = { name: "cleanup", holder: "another", lifetime: 60 };
    await acquire(slow.restart().deps.kv, other, { timers });
  };
  await assertRejects(() => cleanUp(slow.deps), LeaseLost);
  assert(raw);
  const { entries } = await raw.list({ prefix: ["access_tokens"] }, { limit: 10 });
  assertEquals(entries.length, 1);
});

Deno.test("a record that is created again during a sweep stays", async () => {
  let raw: KvBackend | undefined;
  let revive: (() => Promise<void>) | null = null;
  await using provider = await aProvider({
    wrap: (backend) => {
      raw = backend;
      return {
        ...backend,
        async list(selector, options) {
          const page = await backend.list(selector, options);
          if ("prefix" in selector && selector.prefix[0] === "users_by_name") await revive?.();
          return page;
        },
      };
    },
    ...atOnce,
  });
  assert(raw);
  const store = raw;
  const key = usernameRef("zoe").key;
  const ownedBy = (userId: string) => ({ owners: [{ name: "zoe", userId }] });
  const entry = (userId: string) => ({
    checks: [],
    mutations: [{ type: "set" as const, key, value: { version: 1, record: ownedBy(userId) } }],
  });
  await store.commit(entry("nobody"));
  revive = async () => void await store.commit(entry("somebody new"));
  await cleanUp(provider.deps);
  const [kept] = await store.getMany([key]);
  assertEquals(kept?.value, { version: 1, record: ownedBy("somebody new") });

  revive = null;
  await cleanUp(provider.deps);
  assertEquals((await store.getMany([key]))[0]?.versionstamp, null, "nobody has that id");
});

Deno.test("a sweep keeps its lease while it passes over many live records", async () => {
  let slow = false;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      list(selector, options) {
        if (slow) provider.clock.advance(20);
        return backend.list(selector, options);
      },
    }),
    ...atOnce,
  });
  await tokensOf(await provider.exchange(await provider.authorize()));
  provider.clock.advance(2 * 3600);
  slow = true;
  const removed = await cleanUp(provider.deps);
  assertEquals([removed?.access_tokens, removed?.authorization_codes], [1, 1]);
  assertEquals(await cleanUp(provider.deps), {}, "it gave the lease back");
});

Deno.test("a sweep rests for four times as long as it works", async () => {
  let [worked, rested] = [0, 0];
  let sweeping = false;
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      list(selector, options) {
        if (sweeping) {
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
  sweeping = true;
  await cleanUp(provider.deps);
  assertEquals(Math.floor(rested / worked), 4);
});
