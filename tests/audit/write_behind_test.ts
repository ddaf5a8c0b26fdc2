import { assert, assertEquals, assertRejects } from "@std/assert";
import { eventPages } from "../../src/audit/events_in_order.ts";
import { sealUnder } from "../../src/audit/seal.ts";
import { writeBehind } from "../../src/audit/write_behind.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { acquire } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider } from "../support/provider.ts";

const timers = { sleep: () => Promise.resolve() };

async function turns() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a commit begins when the one before has ended, and whoever comes next is told that it failed", async () => {
  const writes = writeBehind();
  const first = Promise.withResolvers<void>();
  const begun: number[] = [];
  await writes.start(() => (begun.push(1), first.promise));
  const second = writes.start(() => Promise.reject(new Error(`failed ${begun.push(2)}`)));
  await turns();
  assertEquals(begun, [1]);
  first.resolve();
  await second;
  assertEquals(begun, [1, 2]);
  await assertRejects(() => writes.start(() => Promise.resolve(begun.push(3))), Error, "failed 2");
  await assertRejects(() => writes.end(), Error, "failed 2");
  assertEquals(begun, [1, 2]);
});

Deno.test("sealing that fails ends only after what it was writing, so that its lease can be returned", async () => {
  let writing = false;
  let isFull = false;
  await using provider = await aProvider({
    timers,
    wrap: (backend) => ({
      ...backend,
      async commit(batch) {
        if (batch.mutations[0]?.key[0] !== "audit_leaves") return await backend.commit(batch);
        [writing, isFull] = [true, true];
        await turns();
        writing = false;
        return await backend.commit(batch);
      },
      async list(...of) {
        if (isFull) throw new StoreUnavailable("the store is unavailable");
        return await backend.list(...of);
      },
    }),
  });
  const { kv } = provider.deps;
  for (let written = 0; written < 500; written += 100) {
    await kv.step(systemOrigin, (tx) => {
      for (let n = 0; n < 100; n++) auditEvents.append(tx, { type: "token_issued", userId: "u1" });
    });
  }
  const lease = await acquire(kv, { name: "sealing", holder: "one", lifetime: 300 }, { timers });
  await assertRejects(() => sealUnder(provider.deps, lease), StoreUnavailable);
  assertEquals([isFull, writing], [true, false]);
});

Deno.test("reading ahead that fails after the work on a page has failed is no error that ends the process", async () => {
  let lists = -Infinity;
  await using provider = await aProvider({
    timers,
    wrap: (backend) => ({
      ...backend,
      async list(...of) {
        if (++lists > 1) throw new StoreUnavailable("the store is unavailable");
        return await backend.list(...of);
      },
    }),
  });
  for (let n = 0; n < 10; n++) {
    await provider.deps.kv.step(systemOrigin, (tx) => {
      auditEvents.append(tx, { type: "token_issued", userId: "u1" });
    });
  }
  lists = 0;
  await assertRejects(
    async () => {
      for await (const _ of eventPages(provider.deps, [0])) throw new Error("the work failed");
    },
    Error,
    "the work failed",
  );
  await turns();
  assert(lists > 1);
});
