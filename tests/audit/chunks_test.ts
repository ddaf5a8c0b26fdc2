import { auditEventIn } from "../support/audit_records.ts";
import type { AuditLeaf } from "../../stores/audit_seals.ts";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createBalance } from "../../src/audit/balance.ts";
import { leafOf, leafText } from "../../src/audit/leaf.ts";
import { merkleTree } from "../../src/audit/merkle.ts";
import { sealAuditEvents, sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { signSeal } from "../../src/audit/seal_signature.ts";
import { auditTrail, type TrailLine } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { KvBackend, KvMutation } from "../../stores/engine/kv.ts";
import { acquire, release, versionstampOf } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

const day = 86_400;
const timers = { sleep: () => Promise.resolve() };

async function addEvents(provider: TestProvider, count: number, type: AuditEventType) {
  for (let n = 0; n < count; n++) {
    provider.clock.advance(0.01);
    await provider.deps.kv.step(systemOrigin, (tx) => auditEvents.append(tx, { type }));
  }
}

/** Seals in seals of at most so many events. */
async function sealIn(provider: TestProvider, perSeal: number, holder = crypto.randomUUID()) {
  const { deps } = provider;
  const lease = await acquire(deps.kv, { ...sealingLease, holder }, { timers: deps.timers });
  try {
    return await sealUnder(deps, lease, { perSeal });
  } finally {
    await release(deps.kv, lease).catch(() => {}); // a dead process gives nothing back
  }
}

async function verified({ deps, clock }: TestProvider, options = {}) {
  const keptSince = (clock.seconds() - 90 * day) * 1000;
  return await verifyTrail(() => auditTrail(deps), { keptSince, ...options });
}

function leavesIn(lines: readonly TrailLine[]): string[] {
  return lines.flatMap((line) => line.kind === "leaves" ? line.leaves.map(({ id }) => id) : []);
}

Deno.test("many events become a chain of seals of bounded size, each event in one of them", async () => {
  await using provider = await aProvider({ timers });
  await addEvents(provider, 40, "token_issued");
  const { seals, events, newest } = await sealIn(provider, 7);
  assertEquals([seals, newest?.sequence, newest?.pass], [Math.ceil(events / 7), seals, null]);
  const found = await verified(provider);
  assertEquals([found.state, found.sealedEvents, found.unsealedEvents], ["intact", events, 0]);
  await addEvents(provider, 3, "token_issued");
  assertEquals([await sealIn(provider, 7)].map(({ seals, events }) => [seals, events]), [[1, 3]]);
  const leaves = leavesIn(await Array.fromAsync(auditTrail(provider.deps)));
  assertEquals([new Set(leaves).size, leaves.length], [events + 3, events + 3]);
});

Deno.test("sealing that is killed at any commit is finished by the next process", async () => {
  for (let commits = 1;; commits++) {
    let left = Infinity;
    await using provider = await aProvider({
      timers,
      wrap: (backend) => ({
        ...backend,
        commit: (batch) =>
          left-- > 0 ? backend.commit(batch) : Promise.reject(new Error("the process is dead")),
      }),
    });
    await addEvents(provider, 10, "token_issued");
    left = commits;
    const first = await sealIn(provider, 4).then(() => "done", () => "killed");
    left = Infinity;
    if (first === "done") {
      assert(commits > 6, `${commits} commits are too few to be killed at`);
      break;
    }
    // More events, also one that began before those that are sealed already.
    await addEvents(provider, 5, "token_refused");
    provider.clock.advance(-0.1);
    await addEvents(provider, 1, "token_revoked");
    provider.clock.advance(300);
    const half = await verified(provider);
    assertEquals(half.problems.filter((problem) => !/leaves/.test(problem)), [], `${commits}`);
    await sealIn(provider, 4);
    const { state, unsealedEvents, sealedEvents, problems } = await verified(provider);
    assertEquals([state, unsealedEvents, problems], ["intact", 0, []], `killed at ${commits}`);
    const leaves = leavesIn(await Array.fromAsync(auditTrail(provider.deps)));
    assertEquals(new Set(leaves).size, sealedEvents, `sealed twice when killed at ${commits}`);
  }
});

/** Seals as release 0.2.0 did: one seal, whose leaves do not name their kind. */
async function sealAsBefore({ deps, backend }: TestProvider) {
  const lease = await acquire(deps.kv, { ...sealingLease, holder: "before" }, { timers });
  const until = await versionstampOf(deps.kv, lease);
  const lines = await Array.fromAsync(auditTrail(deps));
  const tree = merkleTree();
  const leaves = lines.flatMap((line) => {
    if (line.kind !== "event") return [];
    const { kind: _, ...leaf } = leafOf(line.id, line.event);
    tree.add(leafText(leaf));
    return [leaf];
  });
  const count = leaves.length;
  const { issuer } = deps.config;
  const payload = { sequence: 1, root: tree.root(), count, previous: null, until, issuer };
  const jws = await signSeal(deps, payload);
  const youngest = leaves.at(-1)?.time ?? 0;
  const seal = { sequence: 1, jws, until, youngest, count, createdAt: deps.clock.seconds() };
  const set = (key: Deno.KvKey, record: unknown): KvMutation => ({
    type: "set",
    key,
    value: { version: 1, record },
  });
  const mutations = [set(["audit_leaves", 1, 0], { leaves }), set(["audit_seals", 1], seal)];
  await backend.commit({ checks: [], mutations });
  await release(deps.kv, lease);
  return count;
}

Deno.test("a trail that the release before has sealed verifies, and is sealed on", async () => {
  await using provider = await aProvider({ timers });
  await addEvents(provider, 5, "token_issued");
  const before = await sealAsBefore(provider);
  assertEquals([(await verified(provider)).state, before > 5], ["intact", true]);
  await addEvents(provider, 5, "token_issued");
  assertEquals((await sealAuditEvents(provider.deps))?.count, 5);
  const { state, sealedEvents } = await verified(provider);
  assertEquals([state, sealedEvents], ["intact", before + 5]);
});

/** A trail whose first seal is past its retention, cleaned up, and folded by the second one. */
async function aFoldedTrail() {
  let raw: KvBackend | undefined;
  const provider = await aProvider({ timers, wrap: (backend) => raw = backend });
  await addEvents(provider, 10, "token_issued");
  const first = await sealAuditEvents(provider.deps);
  provider.clock.advance(91 * day);
  await cleanUp(provider.deps);
  await addEvents(provider, 4, "user_updated");
  await sealAuditEvents(provider.deps);
  if (raw === undefined) throw new Error("no store");
  return Object.assign(provider, { raw, firstCount: first?.count ?? 0 });
}

async function leafKeys({ raw }: { raw: KvBackend }): Promise<Deno.KvKey[]> {
  const { entries } = await raw.list({ prefix: ["audit_leaves"] }, { limit: 100 });
  return entries.map(({ key }) => key);
}

Deno.test("the leaves of a seal whose events are all past their retention are folded into its root", async () => {
  await using provider = await aFoldedTrail();
  assertEquals((await leafKeys(provider)).map(([, sequence]) => sequence), [2]);
  const { state, problems, expiredEvents, sealedEvents } = await verified(provider);
  assertEquals([state, problems], ["intact", []]);
  assertEquals([expiredEvents, sealedEvents], [provider.firstCount, provider.firstCount + 4]);
});

const attacks: Readonly<
  Record<string, (provider: Awaited<ReturnType<typeof aFoldedTrail>>) => Promise<void>>
> = {
  "the leaves of a seal that is not folded are deleted": async (provider) => {
    const [key = []] = await leafKeys(provider);
    await provider.raw.commit({ checks: [], mutations: [{ type: "delete", key }] });
  },
  "an event is inserted into what is folded": async (provider) => {
    const placed = ["audit_events_by_time"];
    const { entries } = await provider.raw.list({ prefix: placed }, { limit: 100 });
    const [event] = entries.flatMap(({ key, value }) => auditEventIn(key, value) ?? []);
    const time = (provider.clock.seconds() - 91 * day) * 1000;
    const mutations: KvMutation[] = [
      {
        type: "set",
        key: ["audit_events", "z"],
        value: { version: 1, record: { ...event, time } },
      },
      {
        type: "set",
        key: ["audit_events_by_time", time, "z"],
        value: { version: 1, record: {} },
      },
    ];
    await provider.raw.commit({ checks: [], mutations });
  },
};
for (const [attack, act] of Object.entries(attacks)) {
  Deno.test(`verification finds it if ${attack}`, async () => {
    await using provider = await aFoldedTrail();
    await act(provider);
    assertEquals((await verified(provider)).state, "tampered");
  });
}

Deno.test("a seal with changed leaves is not folded: they stay as evidence", async () => {
  let raw: KvBackend | undefined;
  await using provider = await aProvider({ timers, wrap: (backend) => raw = backend });
  await addEvents(provider, 10, "token_issued");
  await sealAuditEvents(provider.deps);
  assert(raw);
  const [key = []] = await leafKeys({ raw });
  const [entry] = await raw.getMany([key]);
  const { version, record } = entry?.value as { version: 1; record: { leaves: object[] } };
  const value = { version, record: { leaves: record.leaves.slice(1) } };
  await raw.commit({ checks: [], mutations: [{ type: "set", key, value }] });
  provider.clock.advance(91 * day);
  await cleanUp(provider.deps);
  await addEvents(provider, 1, "token_issued");
  await sealAuditEvents(provider.deps);
  assertEquals((await leafKeys({ raw })).map(([, sequence]) => sequence), [1, 2]);
});

Deno.test("each kind has its own retention: an event that goes too early is missed", async () => {
  for (const [type, state] of [["token_issued", "intact"], ["user_updated", "tampered"]] as const) {
    await using provider = await aProvider({
      timers,
      lifetimes: { auditEventOfKind: { tokens: 10 * day } },
    });
    await addEvents(provider, 1, type);
    await sealAuditEvents(provider.deps);
    const lines = await Array.fromAsync(auditTrail(provider.deps));
    const kept = lines.filter((line) => !(line.kind === "event" && line.event.type === type));
    provider.clock.advance(11 * day);
    const now = provider.clock.milliseconds();
    const keptSinceOfKind = { tokens: now - 10 * day * 1000 };
    const keptSince = now - 90 * day * 1000;
    const found = await verifyTrail(() => kept, { keptSince, keptSinceOfKind });
    assertEquals(found.state, state, type);
  }
});

Deno.test("a store that is asked for old leaves gives the same result as the memory", async () => {
  await using provider = await aProvider({ timers });
  await addEvents(provider, 250, "token_issued");
  await sealAuditEvents(provider.deps);
  provider.clock.advance(91 * day);
  const { storedAmong } = await import("../../src/audit/events_in_order.ts");
  const options = {
    storedAmong: (leaves: readonly AuditLeaf[]) => storedAmong(provider.deps, leaves),
  };
  assertEquals(await verified(provider, options), await verified(provider));
  await cleanUp(provider.deps);
  const gone = await verified(provider, options);
  assertEquals([gone.state, gone.expiredEvents], ["intact", gone.sealedEvents]);
});

Deno.test("property: a balance is even exactly if both sides have the same texts, in any order", () => {
  const text = fc.record({ id: fc.nat(50).map(String), digest: fc.nat(2).map(String) });
  fc.assert(
    fc.property(fc.array(text), fc.array(text), fc.boolean(), (one, another, same) => {
      const right = same ? one.toReversed() : another;
      const balance = createBalance("key");
      for (const { id, digest } of one) balance.add(id, digest);
      for (const { id, digest } of right) balance.subtract(id, digest);
      const sorted = (list: typeof one) => list.map(({ id, digest }) => `${id} ${digest}`).sort();
      const areEqual = sorted(one).join() === sorted(right).join();
      assertEquals(balance.differing().size === 0, areEqual);
    }),
    { seed: 1, numRuns: 200 },
  );
});
