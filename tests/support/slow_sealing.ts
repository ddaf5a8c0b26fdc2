import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { acquire, release } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { aProvider, type TestProvider } from "./provider.ts";

export const timers = { sleep: () => Promise.resolve() };

export async function addEvents(provider: TestProvider, count: number) {
  for (let n = 0; n < count; n++) {
    provider.clock.advance(0.01);
    await provider.deps.kv.step(
      systemOrigin,
      (tx) => auditEvents.append(tx, { type: "token_issued" }),
    );
  }
}

export async function seal({ deps }: TestProvider, holder: string, perSeal = 10) {
  const lease = await acquire(deps.kv, { ...sealingLease, holder }, { timers });
  const report = await sealUnder(deps, lease, { perSeal });
  await release(deps.kv, lease);
  return report;
}

/** A provider whose commits, or lists, wait for something while it is slow. */
export async function aSlowProvider(slow: "commit" | "list" = "commit") {
  let before: (family: unknown, type?: string) => Promise<void> = () => Promise.resolve();
  const provider = await aProvider({
    timers,
    wrap: (backend) => ({
      ...backend,
      async commit(batch) {
        const [first] = batch.mutations;
        if (slow === "commit") await before(first?.key[0], first?.type);
        return await backend.commit(batch);
      },
      async list(...of) {
        if (slow === "list") await before(undefined);
        return await backend.list(...of);
      },
    }),
  });
  return { provider, slowDown: (work: typeof before) => void (before = work) };
}
