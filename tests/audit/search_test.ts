import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { findAuditEvents } from "../../src/admin/audit_events.ts";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

const timers = { sleep: () => Promise.resolve() };

interface Written {
  readonly type: AuditEventType;
  readonly clientId: string;
  readonly userId: string;
}

async function write(provider: TestProvider, events: readonly Written[]) {
  for (let n = 0; n < events.length; n += 50) {
    provider.clock.advance(0.05);
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (const event of events.slice(n, n + 50)) auditEvents.append(tx, event);
    });
  }
}

/** All pages of a search. */
async function found(provider: TestProvider, filter: Partial<Written>, limit = 100) {
  const all: { type: string; clientId: string | null; userId: string | null }[] = [];
  let position: string | undefined;
  let pages = 0;
  do {
    const page = await findAuditEvents(provider.deps, filter, { limit, position });
    for (const { value } of page.events) all.push(value);
    position = page.position ?? undefined;
    pages++;
  } while (position !== undefined);
  return { all, pages };
}

const common = { type: "refresh_token_used", clientId: "shop", userId: "u1" } as const;
const rare: Readonly<Record<string, Partial<Written>>> = {
  "a type": { type: "signing_key_rotated" },
  "a client": { clientId: "seldom" },
  "a user": { userId: "u2" },
};
for (const [what, filter] of Object.entries(rare)) {
  Deno.test(`the events of ${what} among many others are found without reading the others`, async () => {
    let keysRead = 0;
    await using provider = await aProvider({
      timers,
      wrap: (backend) => ({
        ...backend,
        getMany(keys) {
          keysRead += keys.length;
          return backend.getMany(keys);
        },
        async list(selector, options) {
          const page = await backend.list(selector, options);
          keysRead += page.entries.length;
          return page;
        },
      }),
    });
    await write(provider, [{ ...common, ...filter }]);
    await write(provider, Array(5000).fill(common));
    provider.clock.advance(2 * 3600);
    await sealAuditEvents(provider.deps);
    await write(provider, Array(30).fill(common)); // without a block yet
    keysRead = 0;
    const { all, pages } = await found(provider, filter);
    assertEquals([all.length, pages], [1, 1]);
    assert(keysRead < 1500, `${keysRead} keys of 5,000 events`);
  });
}

Deno.test("property: a search finds what a look at all events finds, however often they were sealed", async () => {
  const event = fc.record({
    type: fc.constantFrom<AuditEventType>("refresh_token_used", "token_issued", "signed_in"),
    clientId: fc.constantFrom("a", "b", "c"),
    userId: fc.constantFrom("u", "v"),
  });
  const part = fc.record({
    events: fc.array(event, { maxLength: 700 }),
    hours: fc.constantFrom(0, 0.5, 2),
    isSealed: fc.boolean(),
  });
  const filter = fc.record({
    type: fc.constantFrom<AuditEventType>("token_issued", "signed_in"),
    clientId: fc.constantFrom("a", "b"),
    userId: fc.constantFrom("u", "v"),
  }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), filter, async (parts, filter) => {
      await using provider = await aProvider({ timers });
      for (const { events, hours, isSealed } of parts) {
        await write(provider, events);
        provider.clock.advance(hours * 3600);
        if (isSealed) await sealAuditEvents(provider.deps);
      }
      const everything = (await found(provider, {}, 1000)).all;
      const expected = everything.filter((event) =>
        Object.entries(filter).every(([name, value]) => event[name as keyof Written] === value)
      );
      assertEquals((await found(provider, filter, 90)).all, expected);
    }),
    { seed: 3, numRuns: 12 },
  );
});
