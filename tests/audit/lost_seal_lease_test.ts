import { assert, assertEquals, assertRejects } from "@std/assert";
import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import * as auditSeals from "../../stores/audit_seals.ts";
import { acquire } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { addEvents, aSlowProvider, seal, timers } from "../support/slow_sealing.ts";

const hour = 3600;

/** What sealing finds, and the kinds of commits that it has to do then. */
const situations: Record<
  string,
  readonly [prepare: (provider: TestProvider) => Promise<void>, commits: readonly string[]]
> = {
  "events, also for blocks": [
    async (provider) => {
      await addEvents(provider, 30);
      provider.clock.advance(3 * hour);
    },
    ["set audit_blocks", "set audit_leaves", "set audit_seals"],
  ],
  "leaves of an interrupted run": [
    async (provider) => {
      await addEvents(provider, 5);
      await provider.deps.kv.step(systemOrigin, (tx) => auditSeals.addLeaves(tx, 1, 3, []));
    },
    ["delete audit_leaves"],
  ],
  "a seal past its retention": [
    async (provider) => {
      await addEvents(provider, 30);
      await seal(provider, "before", 30);
      provider.clock.advance(800 * 24 * hour);
      await cleanUp(provider.deps);
      await addEvents(provider, 5);
    },
    ["delete audit_leaves"],
  ],
  "blocks of the future": [
    async (provider) => {
      provider.clock.advance(48 * hour);
      await addEvents(provider, 5);
      provider.clock.advance(3 * hour);
      await seal(provider, "before");
      provider.clock.advance(-51 * hour);
      await addEvents(provider, 5);
    },
    ["delete audit_blocks"],
  ],
};

async function stored({ backend }: TestProvider): Promise<string[]> {
  return [...(await snapshot(backend)).keys()]
    .filter((key) => /^\["audit_(seals|leaves|blocks)/.test(key)).sort();
}

for (const [name, [prepare, expected]] of Object.entries(situations)) {
  Deno.test(`from the moment when another process has its lease, sealing writes nothing: ${name}`, async () => {
    const tried = new Set<string>();
    for (let lostAt = 1, wasLost = true; wasLost; lostAt++) {
      const { provider, slowDown } = await aSlowProvider();
      await using _ = provider;
      await prepare(provider);
      const other = provider.restart();
      const lease = { ...sealingLease, holder: "slow" };
      await acquire(provider.deps.kv, lease, { timers });
      let commits = 0;
      let before: string[] | null = null;
      slowDown(async (family, type) => {
        if (++commits !== lostAt) return;
        slowDown(() => Promise.resolve());
        tried.add(`${type} ${family}`);
        provider.clock.advance(sealingLease.lifetime + 1);
        await acquire(other.deps.kv, { ...sealingLease, holder: "another" }, { timers });
        before = await stored(provider);
      });
      const run = sealUnder(provider.deps, lease, { perSeal: 10 });
      wasLost = await run.then(() => before !== null, () => true);
      if (before !== null) {
        await assertRejects(() => run, `commit ${lostAt}`);
        assertEquals(await stored(provider), before, `commit ${lostAt}`);
      }
    }
    for (const one of expected) assert(tried.has(one), `${one}: only ${[...tried].join(", ")}`);
  });
}
