import { assert, assertEquals, fail } from "@std/assert";
import fc from "fast-check";
import { eventsOf } from "../../src/account/activity.ts";
import { findAuditEvents } from "../../src/admin/audit_events.ts";
import {
  comparePlaces,
  eventPages,
  type Place,
  placeAfter,
  storedAmong,
} from "../../src/audit/events_in_order.ts";
import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { sealPass } from "../../src/audit/seal_pass.ts";
import { searchBack } from "../../src/audit/search.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { verifyExport } from "../../src/audit/verify_export.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { type AuditEventType, kindOf } from "../../stores/audit_event_types.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { acquire, release, versionstampOf } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { auditEventsIn } from "../support/audit_records.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { slowCommits } from "../support/slow_commits.ts";

const day = 86_400;
const timers = { sleep: () => Promise.resolve() };
const lifetimes = { auditEventOfKind: { tokens: 10 * day } };

/** What one step leaves: events of these types, in its one commit. */
const steps = {
  token: ["token_issued"],
  pushed: ["request_pushed"],
  long: ["token_refused"],
  operator: ["resource_created"],
  person: ["code_exchanged"],
  stranger: ["sign_in_failed"],
  deleted: ["user_deleted"],
  both: ["token_issued", "token_revoked"],
  mixed: ["code_exchanged", "token_issued"],
  end: ["session_ended"],
  // The store refuses it: nothing of it is stored, and the others of its group go on.
  refused: ["token_issued"],
} as const satisfies Record<string, readonly AuditEventType[]>;
type Step = keyof typeof steps;

/** Steps that begin in the same millisecond, and the seconds until the next ones. */
const moments = fc.array(
  fc.record({
    steps: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom<Step>("token", "pushed") },
        { weight: 4, arbitrary: fc.constantFrom(...Object.keys(steps) as Step[]) },
      ),
      { minLength: 1, maxLength: 40 },
    ),
    pause: fc.constantFrom(0, 0, 0.001, 0.002, 5),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Most pages end with an entry of several events. */
const severalPages = Array.from({ length: 24 }, () => ({
  steps: ["token", "pushed", "mixed", "token"] as Step[],
  pause: 0.001 as const,
}));

/** Steps that would share entries, if those were shared that must not be. */
const apart = [{
  steps: ["token", "deleted", "deleted", "stranger", "stranger", "both", "both"] as Step[],
  pause: 0.001 as const,
}, { steps: ["token", "long", "long", "long", "long", "mixed"] as Step[], pause: 0 as const }];

/** A provider on a local file, to which many steps write at once. */
async function aBusyProvider() {
  let raw: KvBackend | undefined;
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const provider = await aProvider({
    timers,
    lifetimes,
    wrap: (backend) => slowCommits(raw = backend, turn),
  });
  assert(raw);
  return Object.assign(provider, { raw });
}
type Busy = Awaited<ReturnType<typeof aBusyProvider>>;

/** @returns what the events that landed say of themselves, and which of them are the first of their step */
async function act(
  { deps, clock }: TestProvider,
  given: readonly { readonly steps: readonly Step[]; readonly pause: number }[],
): Promise<{ landed: string[]; firsts: Set<string> }> {
  const landed: string[] = [];
  const firsts = new Set<string>();
  let number = 0;
  for (const { steps: atOnce, pause } of given) {
    await Promise.all(atOnce.map(async (step, n) => {
      if (n % 7 === 6) clock.advance(0.001);
      const time = clock.milliseconds();
      const names = steps[step].map(() => `${step} ${number++}`);
      const isOfLongName = step === "long" && number % 2 === 0;
      const actor = isOfLongName ? "x".repeat(3_000) : systemOrigin.actor;
      const done = deps.kv.step({ ...systemOrigin, actor }, (tx) => {
        for (const [n, type] of steps[step].entries()) {
          auditEvents.append(tx, {
            type,
            clientId: `client ${number % 3}`,
            about: names[n] ?? "",
            ...(type === "code_exchanged" ? { userId: "alice" } : {}),
            ...(step === "end" ? { id: `zend-${number}` } : {}),
            ...(type === "user_deleted" ? { userId: "bob" } : {}),
            ...(step === "long" && number % 2 ? { reason: "x".repeat(3_000) } : {}),
            ...(step === "refused" ? { reason: "x".repeat(70_000) } : {}),
          });
        }
      });
      firsts.add(names[0] ?? "");
      if (await done.then(() => true, () => false)) {
        landed.push(...names.map((name) => `${name} at ${time}`));
      }
      assert(step !== "refused" || !landed.some((name) => name.startsWith("refused")));
    }));
    clock.advance(pause);
  }
  return { landed, firsts };
}

interface Known {
  readonly place: Place;
  readonly id: string;
  readonly about: string | null;
  readonly type: string;
  readonly clientId: string | null;
}

/** All events as the store has them, in the order of their places. */
async function stored({ raw }: Busy, mixed = false): Promise<Known[]> {
  const found: Known[] = [];
  let entries = 0;
  for (const family of ["audit_events", "audit_events_by_time"]) {
    const page = await raw.list({ prefix: [family] }, { limit: 1000 });
    assert(page.entries.length < 1000);
    for (const { key, value } of page.entries) {
      const events = auditEventsIn(key, value);
      entries += events.length > 1 ? 1 : 0;
      assert(events.length <= 16);
      assert(mixed || new Set(events.map(({ type }) => kindOf(type))).size <= 1);
      // What a user's own record opens was sealed for one id, and large events could exceed a value.
      assert(events.length < 2 || events.every(({ userId }) => userId === null));
      assert(events.length < 2 || events.every((event) => JSON.stringify(event).length < 2000));
      found.push(...events.map((event) => ({ ...event, place: [event.time, event.id] })));
    }
  }
  joined += entries;
  const byUser = await raw.list({ prefix: ["audit_events_by_person"] }, { limit: 1000 });
  const ids = new Set(idsOf(found));
  const astray = byUser.entries.filter(({ key }) => !ids.has(String(key.at(-1))));
  assertEquals(astray, [], "whatever leads to an event knows its id");
  return found.sort((a, b) => comparePlaces(a.place, b.place));
}
let joined = 0;

const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

async function eventsFrom({ deps }: TestProvider, place: Place): Promise<string[]> {
  const found: string[] = [];
  for await (const events of eventPages(deps, place)) found.push(...idsOf(events));
  return found;
}

async function searched(
  { deps }: TestProvider,
  filter: Parameters<typeof findAuditEvents>[1],
  limit: number,
): Promise<string[]> {
  const found: string[] = [];
  let position: string | undefined;
  do {
    const page = await findAuditEvents(deps, filter, { limit, position });
    assert(page.events.length <= limit);
    found.push(...page.events.map(auditEvents.idOf));
    position = page.position ?? undefined;
  } while (position !== undefined);
  return found.toReversed();
}

/** Every reader, from every place and with pages of every size, sees these and no others, in order. */
async function assertReadersSee(provider: Busy, events: readonly Known[]) {
  const { deps } = provider;
  const ids = idsOf(events);
  assertEquals(await eventsFrom(provider, [0]), ids);
  for (const [n, { place }] of events.entries()) {
    assertEquals(await eventsFrom(provider, place), ids.slice(n));
    assertEquals(await eventsFrom(provider, placeAfter(place)), ids.slice(n + 1));
  }
  for (const limit of [1, 2, 7, 100]) assertEquals(await searched(provider, {}, limit), ids);
  for (const type of new Set(events.map((event) => event.type))) {
    const ofType = events.filter((event) => event.type === type);
    assertEquals(await searched(provider, { type }, 3), idsOf(ofType), type);
    const clientId = "client 1";
    const ofBoth = ofType.filter((event) => event.clientId === clientId);
    assertEquals(await searched(provider, { type, clientId }, 2), idsOf(ofBoth));
  }
  for (let n = 0; n < events.length; n += 3) {
    const [start, end] = [events[n], events[Math.min(n + 5, events.length - 1)]];
    if (!start || !end) continue;
    const found: string[] = [];
    let cost = 0;
    for await (
      const step of searchBack(deps, {}, { start: placeAfter(start.place), end: end.place })
    ) {
      if (step.event) found.push(auditEvents.idOf(step.event));
      cost += step.events;
    }
    assertEquals(cost, found.length, "an event counts once");
    assertEquals(found.toReversed(), ids.slice(n + 1, Math.min(n + 5, events.length - 1)));
  }
  const ofAlice = (await Array.fromAsync(eventsOf(deps, "alice"))).map(({ event }) => event);
  assertEquals(
    ofAlice.map(auditEvents.idOf).toReversed(),
    idsOf(events.filter(({ type }) => type === "code_exchanged")),
  );
  const asked = [...events, { id: "0none.1" }, { id: "0none" }].map((event) => ({
    id: event.id,
    time: "place" in event ? Number(event.place[0]) : 1,
  }));
  const beside = events.map(({ id, place }) => ({ id: `${id}.y`, time: Number(place[0]) }));
  assertEquals(await storedAmong(deps, [...asked, ...beside]), new Set(ids));
}

/** Seals a few events a seal; the process dies after the first one. */
async function sealIn({ deps }: TestProvider, dies: boolean) {
  const holder = crypto.randomUUID();
  const lease = await acquire(deps.kv, { ...sealingLease, holder }, { timers });
  const tell = () => dies ? Promise.reject(new Error("the process has died")) : Promise.resolve();
  await sealUnder(deps, lease, { perSeal: 3, tell }).catch((error) => assert(dies, error));
  await release(deps.kv, lease);
}

async function verified({ deps, clock }: TestProvider) {
  const keptSince = clock.milliseconds() - 90 * day * 1000;
  const keptSinceOfKind = { tokens: clock.milliseconds() - 10 * day * 1000 };
  const options = { keptSince, keptSinceOfKind };
  const found = await verifyTrail(() => auditTrail(deps), {
    ...options,
    storedAmong: (leaves) => storedAmong(deps, leaves),
  });
  const lines = await Array.fromAsync(auditTrail(deps));
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  assertEquals(await verifyExport(text, options), found);
  return found;
}

Deno.test("property: readers, seals and cleanups see each event of an entry once, and in order", async () => {
  joined = 0;
  await fc.assert(
    fc.asyncProperty(moments, fc.nat(20), async (given, cleaned) => {
      await using provider = await aBusyProvider();
      const { deps, clock } = provider;
      const { landed, firsts } = await act(provider, given);
      const events = await stored(provider);
      const done = events.filter(({ about }) => / \d/.test(about ?? ""));
      const named = done.map(({ about }) => about ?? "");
      const dated = done.map(({ about, place: [time] }) => `${about} at ${time}`);
      assertEquals(dated.toSorted(), landed.toSorted(), "each event of each commit is stored once");
      for (const [n, name] of named.entries()) {
        const [step = "", number] = name.split(" ");
        const second = named.indexOf(`${step} ${Number(number) + 1}`);
        const isFirst = /both|mixed/.test(step) && firsts.has(name);
        assert(!isFirst || second > n, "the events of a step are in their order");
      }
      await assertReadersSee(provider, events);

      await sealIn(provider, true);
      await sealIn(provider, false);
      const whole = await verified(provider);
      assertEquals([whole.problems, whole.sealedEvents], [[], events.length]);
      clock.advance(2 * 3_600);
      await act(provider, [{ steps: ["token"], pause: 0 }]);
      await sealIn(provider, false); // makes blocks, which a search passes over
      await assertReadersSee(provider, await stored(provider));

      clock.advance(11 * day);
      const kept = (await stored(provider)).filter(({ type }) =>
        kindOf(type as "signed_in") !== "tokens"
      );
      let commits = cleaned;
      const kv: typeof deps.kv = {
        ...deps.kv,
        step: (origin, work) =>
          commits-- > 0 ? deps.kv.step(origin, work) : Promise.reject(new Error("it has died")),
      };
      await cleanUp({ ...deps, kv }).catch(() => {});
      clock.advance(3600); // the lease of the dead one ends
      assertEquals((await verified(provider)).problems, []);
      await cleanUp(deps);
      const left = (await stored(provider)).filter(({ type }) => type !== "cleanup_run");
      assertEquals(idsOf(left), idsOf(kept));
      await assertReadersSee(provider, await stored(provider));
      assertEquals((await verified(provider)).problems, []);
    }),
    { numRuns: 8, examples: [[severalPages, 3], [apart, 3]] },
  );
  assert(joined > 30, `only ${joined} entries had several events`);
});

Deno.test("an event that was changed within its entry is named, and each event of a removed entry", async () => {
  for (const verb of ["changed", "removed"]) {
    await using provider = await aBusyProvider();
    await act(provider, [{ steps: ["token", "token", "pushed", "token"], pause: 1 }]);
    await sealIn(provider, false);
    const { entries } = await provider.raw.list({ prefix: ["audit_events_by_time"] }, {
      limit: 99,
    });
    const { key, value } = entries.find(({ key, value }) => auditEventsIn(key, value).length > 1) ??
      fail();
    const ids = idsOf(auditEventsIn(key, value));
    const [version, none, lists] = value as [number, null, unknown[][]];
    lists[1]?.splice(2, 1, "token_refused");
    await provider.raw.commit({
      checks: [],
      mutations: verb === "removed"
        ? [{ type: "delete", key }]
        : [{ type: "set", key, value: [version, none, lists] }],
    });
    const { state, problems } = await verified(provider);
    assertEquals(state, "tampered");
    const named = verb === "removed" ? ids : ids.slice(1, 2);
    assertEquals(problems.toSorted(), named.map((id) => `event ${id} was ${verb}`));
  }
});

Deno.test("an entry whose events are kept for different times is removed after the longest", async () => {
  await using provider = await aBusyProvider();
  const { deps, clock, raw } = provider;
  await act(provider, [{ steps: ["token", "token", "pushed", "token"], pause: 1 }]);
  const { entries } = await raw.list({ prefix: ["audit_events_by_time"] }, { limit: 99 });
  const { key, value } = entries.find(({ key, value }) => auditEventsIn(key, value).length > 1) ??
    fail();
  const ids = idsOf(auditEventsIn(key, value));
  const [version, none, lists] = value as [number, null, unknown[][]];
  // An earlier release saw both types as one kind.
  lists[1]?.splice(2, 1, "resource_created");
  await raw.commit({
    checks: [],
    mutations: [{ type: "set", key, value: [version, none, lists] }],
  });
  const left = async () => idsOf(await stored(provider, true)).filter((id) => ids.includes(id));

  clock.advance(11 * day);
  await cleanUp(deps);
  assertEquals(await left(), ids);
  clock.advance(91 * day);
  const before = (await stored(provider, true)).length;
  const removed = await cleanUp(deps);
  assertEquals(await left(), []);
  assertEquals(removed?.audit_events, before - (await stored(provider, true)).length);
});

Deno.test("sealing gives way between the events of an entry, not only between pages of entries", async () => {
  await using provider = await aBusyProvider();
  const { deps } = provider;
  await act(provider, [{ steps: Array.from({ length: 101 }, () => "token"), pause: 1 }]);
  const events = await stored(provider);
  const lease = await acquire(deps.kv, { ...sealingLease, holder: "a test" }, { timers });
  const upTo = await versionstampOf(deps.kv, lease);
  let turns = 0;
  const giveWay = () => Promise.resolve(void turns++);
  const pass = sealPass(deps, lease, { last: null, upTo, perSeal: 1000, foldedTo: 0, giveWay });
  const seals = await Array.fromAsync(pass);
  assertEquals(seals.map(({ count }) => count), [events.length]);
  assert(turns >= events.length / 4, `${turns} turns for ${events.length} events`);
});
