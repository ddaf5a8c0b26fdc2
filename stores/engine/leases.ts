import { z } from "zod";
import { collection, isPresent } from "./collection.ts";
import { eachEntry } from "./each_entry.ts";
import type { Timers } from "./kv.ts";
import type { Kv } from "./step.ts";
import { systemOrigin, type Transaction } from "./transaction.ts";
import { isOfWrongClock } from "./wrong_clock.ts";

const schema = z.object({
  holder: z.string(), // random: names one run of one process
  renewedAt: z.int(),
  expiresAt: z.int(),
});
const leases = collection({ family: "leases", version: 1, schema });

/** A job that only one process does at a time, such as `migrations`. */
export interface LeaseRequest {
  readonly name: string;
  /** A fresh random id. Two runs must never share it. */
  readonly holder: string;
  /** Seconds after which another process may take over from a holder that has committed nothing. */
  readonly lifetime: number;
}

/** A lease that this process was given. Each commit checks whether the process still holds it. */
export type Lease = LeaseRequest;

/** Another process may have taken over the job, so this one must stop. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/**
 * Takes a lease that is free or expired.
 * @returns null if another process holds it
 */
export function tryAcquire(kv: Kv, request: LeaseRequest): Promise<Lease | null> {
  return kv.step(systemOrigin, async (tx) => {
    const { held } = await tx.read({ held: leases.ref(request.name) });
    if (held.value?.holder === request.holder) return request;
    return await take(tx, request);
  });
}

/** Takes a lease in the same step as the work under it. @returns null if another process holds it */
export async function take(tx: Transaction, request: LeaseRequest): Promise<Lease | null> {
  const { held } = await tx.read({ held: leases.ref(request.name) });
  if (held.value === null) tx.create(held.ref, renewed(tx, request));
  else if (isPresent(held) && isOfFuture(tx, held.value)) tx.replace(held, renewed(tx, request));
  else return null;
  return request;
}

/** If its holder is gone, it would last until that time comes. If it is not, its next commit fails. */
function isOfFuture(tx: Transaction, { renewedAt }: z.infer<typeof schema>): boolean {
  return isOfWrongClock(renewedAt * 1000, tx.milliseconds);
}

/** The current holder of a lease; null: it is free. */
export async function holderOf(tx: Transaction, name: string): Promise<string | null> {
  const { held } = await tx.read({ held: leases.ref(name) });
  return held.value?.holder ?? null;
}

/** Returns a lease in the same commit as the work under it. @throws {LeaseLost} */
export async function giveBack(tx: Transaction, lease: Lease): Promise<void> {
  const { held } = await tx.read({ held: leases.ref(lease.name) });
  if (held.value === null || held.value.holder !== lease.holder) {
    throw new LeaseLost(`the lease "${lease.name}" has expired or is another process's`);
  }
  tx.delete(held);
}

/**
 * Waits until the lease is returned or expires, and takes it.
 * @param onWait called once, if another process holds the lease
 */
export async function acquire(
  kv: Kv,
  request: LeaseRequest,
  { timers, onWait = () => {} }: { timers: Timers; onWait?: () => void },
): Promise<Lease> {
  for (let polls = 0;; polls++) {
    const lease = await tryAcquire(kv, request);
    if (lease) return lease;
    if (polls === 0) onWait();
    await timers.sleep(pollInterval);
  }
}

const pollInterval = 500; // milliseconds

/**
 * Makes a step valid only while the lease is held: the step commits only if no other process took over.
 * So a holder that was paused can do no harm. The same commit renews the lease. No timer renews it: a
 * holder that makes no progress must lose the lease.
 * @throws {LeaseLost}
 */
export async function assertHeld(tx: Transaction, lease: Lease): Promise<void> {
  const { held } = await tx.read({ held: leases.ref(lease.name) });
  if (held.value === null || held.value.holder !== lease.holder) {
    throw new LeaseLost(`the lease "${lease.name}" has expired or is another process's`);
  }
  if (held.value.expiresAt - tx.now <= lease.lifetime / 2) tx.replace(held, renewed(tx, lease));
}

/**
 * The versionstamp of the last commit on a lease. Everything that was committed before the holder got the
 * lease has a smaller one, or the same.
 * @throws {LeaseLost}
 */
export async function versionstampOf(kv: Kv, lease: Lease): Promise<string> {
  const { held } = await kv.step(systemOrigin, (tx) => tx.read({ held: leases.ref(lease.name) }));
  if (held !== null && held.value !== null && held.value.holder === lease.holder) {
    return held.versionstamp;
  }
  throw new LeaseLost(`the lease "${lease.name}" has expired or is another process's`);
}

/**
 * Returns a lease, so that the next process need not wait until it expires.
 * @returns whether this holder still held it
 */
export function release(kv: Kv, lease: Lease): Promise<boolean> {
  return kv.step(systemOrigin, async (tx) => {
    const { held } = await tx.read({ held: leases.ref(lease.name) });
    if (held.value === null || held.value.holder !== lease.holder) return false;
    tx.delete(held);
    return true;
  });
}

/**
 * Ends all leases, because their holders are gone. If one is not, it does no harm: its next commit fails,
 * and says that the lease was lost.
 */
export async function endAll(kv: Kv): Promise<void> {
  for await (const lease of eachEntry({ kv }, leases)) {
    await kv.step(systemOrigin, (tx) => tx.end(lease.ref));
  }
}

/**
 * Ends all leases in a file, if this process has it: nobody else has, so their holders were killed, or ran
 * when a backup was made.
 */
export async function endThoseInFile(kv: Kv): Promise<void> {
  if (kv.file !== null) await endAll(kv);
}

function renewed(tx: Transaction, { holder, lifetime }: LeaseRequest): z.infer<typeof schema> {
  return { holder, renewedAt: tx.now, expiresAt: tx.now + lifetime };
}
