import type { Kv } from "../../stores/engine/step.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import { isOfWrongClock } from "../../stores/engine/wrong_clock.ts";
import { randomId } from "../crypto/random.ts";
import { batchByKey, type Submit } from "./batch_by_key.ts";
import type { LimitDeps, Reservation } from "./reservation.ts";
import {
  nameOfRequestKey,
  type RequestKey,
  requestReservation,
  type RequestUsage,
} from "./request_key.ts";
import { type Lease, withLease, withoutRest } from "./request_lease.ts";
import {
  type RequestWindow,
  requestWindow,
  storedWindow,
  untilNextRequest,
  withRequests,
} from "./request_window.ts";

interface Leases {
  readonly holder: string;
  readonly byKey: Map<string, Lease>;
  readonly submit: Submit<readonly RequestKey[], Reservation>;
}

const mostLeases = 20_000;

/**
 * Takes a place for a request under each limit, or under none. Several processes count together, so the
 * store counts. While a limit is far from full, a process takes a share of its places in one commit, and
 * lets so many requests pass without another. A process that is asked for more takes twice as many the next
 * time. What a lease allows counts as used until it has left the window, so all processes together never
 * let more requests pass than the limit says. They may let fewer pass, by what their leases leave unused.
 * @throws {StoreUnavailable} and then the request must not pass
 */
export async function takeLeased(
  deps: LimitDeps,
  keys: readonly [RequestKey, ...RequestKey[]],
): Promise<Reservation> {
  const { byKey, submit } = leasesOf(deps);
  const now = deps.clock.milliseconds();
  const held: { readonly lease: Lease; readonly usage: RequestUsage }[] = [];
  const others: RequestKey[] = [];
  for (const key of keys) {
    const lease = byKey.get(nameOfRequestKey(key));
    if (lease === undefined || lease.left === 0 || !isValid(lease, now)) {
      others.push(key);
      continue;
    }
    lease.left -= 1; // at once, because other requests run while this one waits
    const used = lease.used - lease.left;
    held.push({ lease, usage: { key, used, reset: lease.reset } });
  }
  const ofLeases = requestReservation(held.map(({ usage }) => usage), true);
  const [first] = others;
  if (first === undefined) return ofLeases;
  const taken = await submit(nameOfRequestKey(first), others);
  if (taken.passed) return { ...taken, quotas: [...ofLeases.quotas, ...taken.quotas] };
  for (const { lease } of held) lease.left += 1;
  return taken;
}

/** The store forgets a lease that a wrong clock has dated. */
function isValid({ until }: Lease, now: number): boolean {
  return now < until && !isOfWrongClock(until, now);
}

/** What is used of a limit now, by all processes together. */
export async function lookLeased(
  { kv }: LimitDeps,
  key: RequestKey,
): Promise<{ readonly used: number; readonly reset: number }> {
  return await kv.step(systemOrigin, async (tx) => {
    const { count } = await tx.read({ count: key.ref });
    const window = requestWindow(count.value, key.limit, tx.milliseconds);
    return { used: window.used, reset: untilNextRequest(window, key.limit) };
  });
}

const leasesOfStore = new WeakMap<Kv, Leases>();

function leasesOf(deps: LimitDeps): Leases {
  const known = leasesOfStore.get(deps.kv);
  if (known) return known;
  const made: Leases = {
    holder: randomId(deps.random),
    byKey: new Map(),
    submit: batchByKey<readonly RequestKey[], Reservation>({
      work: (jobs) => take(deps, made, jobs),
      takes: (keys) => keys.map(nameOfRequestKey),
      room: kvLimits.checks - 1, // one is left to the marker of a remote commit
    }),
  };
  leasesOfStore.set(deps.kv, made);
  return made;
}

/** A key of a batch, and what the process has of it. */
interface Wanted {
  readonly key: RequestKey;
  readonly demand: number;
  readonly before: Lease | undefined;
}

/** Takes places for requests of one moment, and a lease for those that follow. */
async function take(
  deps: LimitDeps,
  { holder, byKey }: Leases,
  jobs: readonly (readonly RequestKey[])[],
): Promise<Reservation[]> {
  const wanted = new Map<string, Wanted>();
  for (const key of jobs.flat()) {
    const name = nameOfRequestKey(key);
    const before = wanted.get(name)?.before ?? byKey.get(name);
    wanted.set(name, { key, demand: (wanted.get(name)?.demand ?? 0) + 1, before });
  }
  // The commit returns what is left of earlier leases, so nothing may use them from here on.
  for (const name of wanted.keys()) byKey.delete(name);
  const { reservations, leases } = await deps.kv.step(
    systemOrigin,
    (tx) => takeInStep(tx, holder, wanted, jobs),
  );
  for (const [name, { before }] of wanted) {
    const lease = leases.get(name) ?? before;
    if (lease !== undefined) byKey.set(name, lease);
  }
  if (byKey.size > mostLeases) forgetOldest(byKey);
  return reservations;
}

async function takeInStep(
  tx: Transaction,
  holder: string,
  wanted: ReadonlyMap<string, Wanted>,
  jobs: readonly (readonly RequestKey[])[],
) {
  const entries = await tx.read(
    Object.fromEntries([...wanted].map(([name, { key }]) => [name, key.ref])),
  );
  const windows = new Map<string, RequestWindow>();
  for (const [name, { key, before }] of wanted) {
    const read = requestWindow(entries[name]?.value ?? null, key.limit, tx.milliseconds);
    windows.set(name, withoutRest(read, holder, before, key.limit));
  }

  const passing = new Set<string>();
  const reservations = jobs.map((keys) => {
    const full = keys.filter((key) => windowOf(key).used >= key.limit.count);
    if (full.length > 0) return requestReservation(full.map(usage), false);
    for (const key of keys) {
      passing.add(nameOfRequestKey(key));
      windows.set(nameOfRequestKey(key), withRequests(windowOf(key), 1, key.limit));
    }
    return requestReservation(keys.map(usage), true);
  });

  const leases = new Map<string, Lease>();
  for (const name of passing) {
    const { key, demand, before } = wanted.get(name) ?? missing();
    const entry = entries[name] ?? missing();
    const window = windowOf(key);
    const { leased, lease } = withLease(window, {
      limit: key.limit,
      holder,
      demand,
      before,
      now: tx.milliseconds,
    });
    leases.set(name, lease);
    requestCounts.write(tx, entry, storedWindow(leased, key));
  }
  return { reservations, leases };

  function windowOf(key: RequestKey): RequestWindow {
    return windows.get(nameOfRequestKey(key)) ?? missing();
  }

  function usage(key: RequestKey) {
    const window = windowOf(key);
    return { key, used: window.used, reset: untilNextRequest(window, key.limit) };
  }
}

function forgetOldest(byKey: Map<string, Lease>) {
  for (const name of byKey.keys()) {
    if (byKey.size <= mostLeases / 2) return;
    byKey.delete(name);
  }
}

function missing(): never {
  throw new Error("a count of requests was not read");
}
