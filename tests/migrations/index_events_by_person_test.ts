import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MigrationFailed } from "../../migrations/failed.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { aStoreOfTheReleaseBefore, type Processes, whileTimePasses } from "./processes.ts";

const name = "0004_index_events_by_person";

/** An audit event as the release before wrote it, with its entry by time alone. */
function event(n: number, userId: string | null) {
  const id = `event-${String(n).padStart(4, "0")}`;
  const time = 1_770_000_000_000 + n;
  const record = {
    type: "signed_in",
    time,
    actor: userId === null ? "system" : `person:${userId}`,
    outcome: "success",
    reason: "pwd",
    clientId: null,
    userId,
    grantId: null,
    sessionId: null,
    about: null,
    address: null,
    sealedAddress: null,
    requestId: null,
  };
  const set = (key: Deno.KvKey, value: unknown) => ({
    type: "set" as const,
    key,
    value: { version: 1, record: value },
  });
  return [set(["audit_events", id], record), set(["audit_events_by_time", time, id], {})];
}

function person(userId: string) {
  const record = {
    username: userId,
    passwordHash: null,
    claims: {},
    status: "active",
    administrator: false,
    auditKey: "A".repeat(43),
    sessionEpoch: 1,
    epoch: 1,
    createdAt: 1_770_000_000,
    updatedAt: 1_770_000_000,
  };
  return { type: "set" as const, key: ["users", userId], value: { version: 1, record } };
}

/** A store with 20 events of two people, one of nobody, and two of a person who has been deleted. */
function aStoreWithEvents(connect?: (store: KvBackend) => KvBackend) {
  const events = Array.from({ length: 20 }, (_, n) => event(n, n % 2 === 0 ? "mara" : "tom"));
  return aStoreOfTheReleaseBefore(name, [
    ...[person("mara"), person("tom")],
    ...events.flat(),
    ...event(20, null),
    ...event(21, "gone"),
    ...event(22, "gone"),
  ], connect);
}

async function indexOf(store: Processes) {
  const entries = (await store.entries()).filter(({ key }) => key[0] === "audit_events_by_person");
  return entries.map(({ key }) => key.slice(1).join(" "));
}

const expected = ["mara", "tom"].flatMap((userId, start) =>
  Array.from({ length: 10 }, (_, i) => {
    const n = 2 * i + start;
    return `${userId} ${1_770_000_000_000 + n} event-${String(n).padStart(4, "0")}`;
  })
);

Deno.test("existing events are found by their user, except events without a user or of deleted users", async () => {
  const { store, boot } = await aStoreWithEvents();
  await using _ = store;
  const before = (await store.entries()).filter(({ key }) => /^(users|audit)/.test(String(key[0])));
  assertEquals(await boot(), [name]);
  assertEquals(await indexOf(store), expected);
  const after = (await store.entries()).filter(({ key }) =>
    /^(users|audit)/.test(String(key[0])) && key[0] !== "audit_events_by_person"
  );
  assertEquals(after, before, "no event and no person has changed");
  assertStringIncludes(store.logged.join("\n"), "23 records in this run, no more to come");
  assertEquals(await boot(), []);
});

Deno.test("each commit is small, and an interrupted run continues where it stopped", async () => {
  const state = { commits: 0, dieAt: Infinity, largest: 0 };
  const { store, boot } = await aStoreWithEvents((memory) => ({
    ...memory,
    async commit(batch) {
      if (++state.commits >= state.dieAt) throw new Error("killed");
      if (state.dieAt < Infinity) state.largest = Math.max(state.largest, batch.checks.length);
      return await memory.commit(batch);
    },
  }));
  await using _ = store;
  state.dieAt = state.commits + 6; // after the lease, the start and some commits
  await assertRejects(boot, MigrationFailed, "the store refused a commit");
  const half = (await indexOf(store)).length;
  assert(half > 0 && half < 20, `${half}`);

  state.dieAt = 1e9;
  assertEquals(await whileTimePasses(store.clock, boot()), [name]);
  assertEquals(await indexOf(store), expected);
  assert(state.largest <= 9, `${state.largest} checks`);
  assertStringIncludes(store.logged.join("\n"), "goes on where it was interrupted");
});
