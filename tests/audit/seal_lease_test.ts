import { assert, assertEquals, assertRejects } from "@std/assert";
import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import * as auditBlocks from "../../stores/audit_blocks.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { acquire, LeaseLost, release } from "../../stores/engine/leases.ts";
import type { TestProvider } from "../support/provider.ts";
import { addEvents, aSlowProvider, seal, timers } from "../support/slow_sealing.ts";

async function stateOf({ deps }: TestProvider) {
  const found = await verifyTrail(() => auditTrail(deps), { keptSince: 0 });
  return [found.state, found.unsealedEvents];
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

Deno.test("sealing keeps its lease while it reads what was sealed before, and writes nothing", async () => {
  const { provider, slowDown } = await aSlowProvider("list");
  await using _ = provider;
  await addEvents(provider, 300);
  await seal(provider, "first", 300);
  await addEvents(provider, 1);
  const began = provider.clock.seconds();
  slowDown(() => {
    provider.clock.advance(sealingLease.lifetime / 8);
    return Promise.resolve();
  });
  const { events } = await seal(provider, "slow");
  slowDown(() => Promise.resolve());
  assert(events > 0 && provider.clock.seconds() - began > sealingLease.lifetime);
  assertEquals((await stateOf(provider))[0], "intact");
});

Deno.test("a seal is written after all of its leaves, which are written meanwhile", async () => {
  const { provider, slowDown } = await aSlowProvider();
  await using _ = provider;
  await addEvents(provider, 30);
  let underWay = 0;
  const families: unknown[] = [];
  slowDown(async (family) => {
    families.push(family);
    assertEquals(underWay, 0, `${family} before what it is about`);
    if (family !== "audit_leaves") return;
    underWay++;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    underWay--;
  });
  await seal(provider, "one");
  assert(families.includes("audit_leaves") && families.includes("audit_seals"));
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

Deno.test("a write that fails, of leaves or of a last block, is an error of the run, and the next one makes up for it", async () => {
  for (const [family, passed] of [["audit_leaves", 0], ["audit_blocks", 7200]] as const) {
    const { provider, slowDown } = await aSlowProvider();
    await using _ = provider;
    await addEvents(provider, 5);
    if (passed > 0) await seal(provider, "first"); // then there is only a block to write
    provider.clock.advance(passed);
    slowDown((written) => {
      if (written !== family) return Promise.resolve();
      return Promise.reject(new StoreUnavailable("the disk is full"));
    });
    const request = { ...sealingLease, holder: "second" };
    const lease = await acquire(provider.deps.kv, request, { timers });
    await assertRejects(() => sealUnder(provider.deps, lease), StoreUnavailable);
    slowDown(() => Promise.resolve());
    await release(provider.deps.kv, lease);
    await seal(provider, "third");
    assertEquals(await stateOf(provider), ["intact", 0]);
    assertEquals(
      (await provider.deps.kv.list({ collection: auditBlocks.all, limit: 9 })).entries.length,
      passed > 0 ? 1 : 0,
    );
  }
});
