import { sealingLease, sealUnder } from "../../src/audit/seal.ts";
import { auditTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { randomId, systemRandom } from "../../src/crypto/random.ts";
import { systemClock } from "../../stores/engine/kv.ts";
import { acquire } from "../../stores/engine/leases.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { depsOf } from "../simulation/installation.ts";

/** The most events in one seal, so that there are many seals to be interrupted at. */
const perSeal = 20;

/**
 * Seals the audit trail in a file of a server that has ended. Its commits end at random moments, as often
 * as is said; each time the file is opened anew, and sealing goes on.
 * @returns a sentence for each problem; and the numbers of seals and events
 */
export async function sealedWithKills(
  file: string,
  { kills, below }: { readonly kills: number; readonly below: (end: number) => number },
): Promise<{ problems: readonly string[]; seals: number; events: number }> {
  const key = await masterKey(new Uint8Array(32).fill(7), null, systemRandom);
  for (let kill = 0;; kill++) {
    let commits = kill < kills ? 1 + below(40) : Infinity;
    const store = await openLocalFile(file);
    const backend: typeof store = {
      ...store,
      commit(batch) {
        if (commits-- > 0) return store.commit(batch);
        return Promise.reject(new Error("the process is dead"));
      },
    };
    const deps = depsOf({
      backend,
      // Each life begins when the lease of the one before has ended.
      clock: {
        seconds: () => systemClock.seconds() + kill * (sealingLease.lifetime + 1),
        milliseconds: () => systemClock.milliseconds() + kill * (sealingLease.lifetime + 1) * 1000,
      },
      timers: { sleep: () => Promise.resolve() },
      random: systemRandom,
      masterKey: key,
      observer: {},
    });
    try {
      const request = { ...sealingLease, holder: randomId(systemRandom) };
      const lease = await acquire(deps.kv, request, deps);
      await sealUnder(deps, lease, { perSeal });
      const found = await verifyTrail(() => auditTrail(deps), { keptSince: 0 });
      const left = found.unsealedEvents;
      return {
        problems: left === 0 ? found.problems : [...found.problems, `${left} events are unsealed`],
        seals: found.seals,
        events: found.sealedEvents,
      };
    } catch (error) {
      if (kill >= kills) throw error;
    } finally {
      store.close();
    }
  }
}
