import { assertEquals } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import { tryAcquire } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as operations from "../../stores/maintenance_operations.ts";
import {
  beginOperation,
  type Job,
  type Progress,
  runOperation,
} from "../../src/maintenance/operation.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("an operation that another process has taken over notes no more progress, and no end", async () => {
  for (const isLost of [false, true]) {
    await using provider = await aProvider();
    const { deps, clock } = provider;
    const lease = { name: "some work", lifetime: 60 };
    let wentOn = false;
    const job: Job = {
      kind: "cleanup",
      lease,
      async run(_deps, _lease, tell) {
        clock.advance(2);
        await tell({ done: 1 });
        if (isLost) {
          clock.advance(lease.lifetime + 1);
          await tryAcquire(deps.kv, { ...lease, holder: "another" });
        }
        clock.advance(2);
        await tell({ done: 2 });
        wentOn = true;
        return {};
      },
    };
    await deps.kv.step(systemOrigin, (tx) => beginOperation(tx, job, "one", "client:ops"));
    await runOperation(deps, job, "one");
    const { operation } = await deps.kv.step(
      systemOrigin,
      (tx) => tx.read({ operation: operations.ref("one") }),
    );
    if (!isPresent(operation)) throw new Error("the operation is gone");
    const { state, progress } = operation.value;
    const expected: { state: string; progress: Progress; wentOn: boolean } = isLost
      ? { state: "running", progress: { done: 1 }, wentOn: false }
      : { state: "done", progress: { done: 2 }, wentOn: true };
    assertEquals({ state, progress, wentOn }, expected);
  }
});
