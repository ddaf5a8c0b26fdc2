import { assert, assertEquals, assertRejects } from "@std/assert";
import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { StoreUnavailable } from "../../stores/engine/kv.ts";
import { acquire, LeaseLost, release } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

const timers = { sleep: () => Promise.resolve() };

async function addEvents(provider: TestProvider, count: number) {
  for (let n = 0; n < count; n++) {
    provider.clock.advance(0.01);
    await provider.deps.kv.step(
      systemOrigin,
      (tx) => auditEvents.append(tx, { type: "token_issued" }),
    );
  }
}

async function seal({ deps }: TestProvider, holder: string, perSeal = 10) {
  const lease = await acquire(deps.kv, { ...sealingLease, holder }, { timers });
  const report = await sealUnder(deps, lease, { perSeal });
  await release(deps.kv, lease);
  return report;
}

async function stateOf({ deps }: TestProvider) {
  const found = await verifyTrail(() => auditTrail(deps), { keptSince: 0 });
  return [found.state, found.unsealedEvents];
}

/** A provider whose commits wait for something while it is slow. */
async function aSlowProvider() {
  let before: () => Promise<void> = () => Promise.resolve();
  const provider = await aProvider({
    timers,
    wrap: (backend) => ({
      ...backend,
      async commit(batch) {
        await before();
        return await backend.commit(batch);
      },
    }),
  });
  return { provider, slowDown: (work: () => Promise<void>) => void (before = work) };
}

Deno.test("sealing that takes longer than its lease keeps it, because it renews it", async () => {
  const { provider, slowDown } = await aSlowProvider();
  await using _ = provider;
  await addEvents(provider, 60);
  const began = provider.clock.seconds();
  slowDown(() => {
    provider.clock.advance(sealingLease.lifetime / 20);
    return Promise.resolve();
  });
  const { seals } = await seal(provider, "slow", 3);
  slowDown(() => Promise.resolve());
  assert(seals >= 6 && provider.clock.seconds() - began > sealingLease.lifetime);
  assertEquals((await stateOf(provider))[0], "intact");
});

Deno.test("sealing that lost its lease at any commit writes nothing more, and another one goes on", async () => {
  for (let lostAt = 2; lostAt < 12; lostAt++) {
    const { provider, slowDown } = await aSlowProvider();
    await using _ = provider;
    await addEvents(provider, 30);
    const other = provider.restart();
    let commits = 0;
    slowDown(async () => {
      if (++commits !== lostAt) return;
      slowDown(() => Promise.resolve());
      provider.clock.advance(sealingLease.lifetime + 1);
      await seal(other, "another");
    });
    const error = await assertRejects(() => seal(provider, "slow"));
    // The clock of the test has also passed the time that one step may take.
    assert(error instanceof LeaseLost || error instanceof StoreUnavailable, `commit ${lostAt}`);
    assertEquals(await stateOf(provider), ["intact", 0]);
  }
});
