import type { Limit } from "../config/config.ts";
import { type RequestWindow, untilNextRequest, withRequests } from "./request_window.ts";

/** The requests that this process may let pass without asking the store. */
export interface Lease {
  /** How many are left of how many. */
  left: number;
  readonly granted: number;
  /** How many the process took at once the last time. */
  readonly share: number;
  /** Epoch milliseconds, by the clock of this process. */
  readonly until: number;
  /** As recorded in the store. */
  readonly recordedUntil: number;
  /** What was used of the limit, the lease included, and when the next place becomes free. */
  readonly used: number;
  readonly reset: number;
}

/** A request of a process needs no commit as long as it has a lease, so a lease is short. */
const leaseSeconds = 5;
/** A lease takes at most this part of what is free, and none is given where half of the limit is used. */
const largestPart = 1 / 8;

/** Takes a lease for the requests that follow those of this moment. */
export function withLease(
  window: RequestWindow,
  { limit, holder, demand, before, now }: {
    readonly limit: Limit;
    readonly holder: string;
    /** The requests of this moment. */
    readonly demand: number;
    readonly before: Lease | undefined;
    /** Epoch milliseconds, by the clock of this process. */
    readonly now: number;
  },
): { readonly leased: RequestWindow; readonly lease: Lease } {
  const more = shareOf(before, demand, now) - demand;
  const granted = Math.max(0, Math.min(more, mostToLease(window, limit)));
  const recordedUntil = window.at + leaseSeconds * 1000;
  const leases = [...window.leases, { holder, until: recordedUntil, count: granted }];
  const leased = granted === 0 ? window : { ...window, used: window.used + granted, leases };
  const lease = {
    left: granted,
    granted,
    share: demand + granted,
    until: now + leaseSeconds * 1000,
    recordedUntil,
    used: leased.used,
    reset: untilNextRequest(leased, limit),
  };
  return { leased, lease };
}

/** The window after the process has returned what is left of its lease. */
export function withoutRest(
  window: RequestWindow,
  holder: string,
  lease: Lease | undefined,
  limit: Limit,
): RequestWindow {
  const isOurs = (one: RequestWindow["leases"][number]) =>
    one.holder === holder && one.until === lease?.recordedUntil;
  const ours = window.leases.find(isOurs);
  if (lease === undefined || ours === undefined) return window;
  const without = {
    ...window,
    used: window.used - ours.count,
    leases: window.leases.filter((one) => !isOurs(one)),
  };
  // They passed now or before, so now is late enough.
  return withRequests(without, Math.min(ours.count, lease.granted - lease.left), limit);
}

/** The number of places that a process takes at once: more if it has used up the last ones in time. */
function shareOf(before: Lease | undefined, demand: number, now: number): number {
  if (before === undefined) return demand;
  if (before.left === 0 && now < before.until) return Math.max(demand, before.share * 2);
  return Math.max(demand, before.granted - before.left);
}

/** Where a limit is near, each request is counted alone, so that nothing is left unused. */
function mostToLease({ used }: RequestWindow, { count }: Limit): number {
  return used * 2 > count ? 0 : Math.floor((count - used) * largestPart);
}
