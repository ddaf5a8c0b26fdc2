import type { KvBackend } from "../../stores/engine/kv.ts";
import { aProvider } from "../support/provider.ts";
import { defaultConfig } from "../support/config.ts";
import { benchClients, benchResources, type Operation } from "./operations.ts";
import { person, signedIn } from "./operations.ts";
import type { Target } from "./target.ts";

export interface RoundTrips {
  readonly reads: number;
  readonly commits: number;
  /** Records that it writes or deletes. */
  readonly keys: number;
}

const repeats = 10;

/** Counts, in this process, how often one operation goes to the store. */
export async function roundTrips(operations: readonly Operation[]): Promise<RoundTrips[]> {
  let counted = { reads: 0, commits: 0, keys: 0 };
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    getMany(keys) {
      counted.reads++;
      return backend.getMany(keys);
    },
    list(selector, options) {
      counted.reads++;
      return backend.list(selector, options);
    },
    commit(batch) {
      counted.commits++;
      counted.keys += batch.mutations.length;
      return backend.commit(batch);
    },
  });
  await using provider = await aProvider({
    clients: benchClients,
    users: [person],
    resources: benchResources,
    config: { rateLimits: true, limits: { ...defaultConfig.limits, ...manyRequests } },
    wrap,
  });
  const target: Target = {
    issuer: provider.deps.config.issuer,
    now: provider.clock.seconds,
    send: provider.request,
    browser: provider.browser,
  };
  const browser = await signedIn(target);
  const found: RoundTrips[] = [];
  for (const operation of operations) {
    const perform = await operation.prepare(target, browser);
    await perform(); // the first one loads the keys
    counted = { reads: 0, commits: 0, keys: 0 };
    for (let n = 0; n < repeats; n++) await perform();
    found.push({
      reads: counted.reads / repeats,
      commits: counted.commits / repeats,
      keys: counted.keys / repeats,
    });
  }
  return found;
}

const many = { count: 1_000_000, seconds: 60 };
const manyRequests = { route: many, authorize: many, strangers: many };
