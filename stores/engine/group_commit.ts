import type { Joint } from "./packing.ts";
import { type Clock, systemClock, systemTimers, type Timers } from "./kv.ts";
import type { CommitBatch, KvBackend, KvCheck, KvMutation, Written } from "./kv.ts";
import { nameOf } from "./transaction.ts";

/** A commit that waits to be sent. */
interface Waiting {
  readonly batch: CommitBatch;
  resolve(versionstamp: string | null): void;
  reject(error: unknown): void;
}

type Time = { readonly clock: Clock; readonly timers: Timers };
const systemTime: Time = { clock: systemClock, timers: systemTimers };

/** The limits of one commit to a local file are 100 checks and 1,000 mutations. */
const most = { steps: 64, checks: 100, mutations: 1000 };

/**
 * Sends independent commits that are ready at the same moment as one. A local file writes one transaction
 * at a time and waits for the disk after each, so a shared commit waits only once. Two commits may share
 * unless one writes a key that the other checks or writes. Two checks of one key at the same versionstamp
 * do not conflict. Added records that may be one become one record. If a shared commit fails, each of its
 * commits is tried alone, so that one stale step fails alone.
 * @param backend a local one: over KV Connect a commit may have only ten checks
 */
export function groupCommits(backend: KvBackend, time: Time = systemTime): KvBackend {
  let waiting: Waiting[] = [];
  let working = false;
  const gathered = gathering(() => void work(), time);

  return {
    ...backend,
    commit(batch) {
      const { promise, resolve, reject } = Promise.withResolvers<string | null>();
      waiting.push({ batch, resolve, reject });
      if (!working) gathered.wait(waiting.length);
      return promise;
    },
  };

  async function work() {
    working = true;
    while (waiting.length > 0) {
      const { group, rest } = nextGroup(waiting);
      const isLeftOut = rest.length > 0;
      waiting = rest; // those that come from now on wait there too
      await commitGroup(group);
      gathered.ended(group.length, waiting.length);
      if (!isLeftOut && !gathered.isEnough(waiting.length)) break;
    }
    working = false;
    if (waiting.length > 0) gathered.wait(waiting.length);
  }

  async function commitGroup(group: readonly Waiting[]) {
    const [first] = group;
    if (first && group.length === 1) return await commitAlone(first);
    try {
      const versionstamp = await backend.commit(merged(group));
      if (versionstamp !== null) {
        for (const { resolve } of group) resolve(versionstamp);
        return;
      }
    } catch {
      // A local commit that throws has written nothing. Try each commit alone to find the one that failed.
    }
    for (const one of group) await commitAlone(one);
  }

  async function commitAlone({ batch, resolve, reject }: Waiting) {
    try {
      resolve(await backend.commit(batch));
    } catch (error) {
      reject(error);
    }
  }
}

/** With fewer steps at the same time nothing is waited for: there is little to share. */
const few = 4;
const enough = 24; // more in one commit save hardly anything
/** Milliseconds: after such a silence nobody is expected to come again. */
const silence = 3;
/** A millisecond with fewer commits than `few` ends the wait, and so many of them end it in any case. */
const mostPauses = 3;
/** After waits in vain so many groups are not waited for: twice as many each time, up to this. */
const mostRests = 64;

/**
 * Decides when those that wait are sent. Whoever has got an answer often sends the next request at once.
 * Without a wait the first of them would be committed alone, while the others are still being read. So a
 * commit waits until three of four steps that were under way wait with it: the fourth keeps the process
 * busy while they are committed. Requests that come by chance instead come too slowly to be waited for long.
 */
function gathering(send: () => void, { clock, timers }: Time) {
  let active = 0; // steps that were under way at the same time
  let endedAt = 0;
  let latest = 0;
  let rests = 0;
  let nextRests = 1;
  let wait: AbortController | null = null;
  const isEnough = (waiting: number) =>
    rests > 0 || active < few || waiting >= Math.min(enough, Math.ceil(active * 3 / 4));

  return {
    isEnough,
    /** So many wait while no commit is under way. */
    wait(waiting: number) {
      latest = waiting;
      if (wait === null && clock.milliseconds() - endedAt > silence) active = 0;
      if (isEnough(waiting)) {
        if (wait !== null) nextRests = Math.max(1, nextRests / 2);
        sendNow();
      } else if (wait === null) void waitFor(wait = new AbortController());
    },
    ended(group: number, waiting: number) {
      if (rests > 0) rests--;
      active = group + waiting;
      endedAt = clock.milliseconds();
    },
  };

  async function waitFor({ signal }: AbortController) {
    for (let pauses = 1; pauses <= mostPauses; pauses++) {
      const before = latest;
      await timers.sleep(1, signal);
      if (signal.aborted) return;
      if (latest - before < few) break;
    }
    rests = nextRests = Math.min(mostRests, nextRests * 2);
    sendNow();
  }

  function sendNow() {
    wait?.abort();
    wait = null;
    send();
  }
}

/** The first waiting commit, and the later ones that can share with it, in their order. */
function nextGroup(waiting: readonly Waiting[]): { group: readonly Waiting[]; rest: Waiting[] } {
  if (waiting.length === 1) return { group: waiting, rest: [] };
  const group: Waiting[] = [];
  const rest: Waiting[] = [];
  const checked = new Map<string, string | null>();
  const written = new Set<string>();
  let count = 0;
  for (const one of waiting) {
    const { checks, mutations } = one.batch;
    const fits = group.length < most.steps && checked.size + checks.length <= most.checks &&
      count + mutations.length <= most.mutations;
    // A commit that is larger than the limits of a group is sent alone.
    if (group.length > 0 && !(fits && isIndependent(one.batch, checked, written))) {
      rest.push(one);
      continue;
    }
    group.push(one);
    for (const check of checks) checked.set(nameOf(check), check.versionstamp);
    for (const mutation of mutations) written.add(nameOf(mutation));
    count += mutations.length;
  }
  return { group, rest };
}

/** Whether no commit of a group, which checks and writes these keys, writes one of the batch's or the reverse. */
function isIndependent(
  { checks, mutations }: CommitBatch,
  checked: ReadonlyMap<string, string | null>,
  written: ReadonlySet<string>,
): boolean {
  for (const mutation of mutations) {
    const name = nameOf(mutation);
    if (written.has(name) || checked.has(name)) return false;
  }
  for (const check of checks) {
    const name = nameOf(check);
    const versionstamp = checked.get(name);
    if (written.has(name)) return false;
    if (versionstamp !== undefined && versionstamp !== check.versionstamp) return false;
  }
  return true;
}

/**
 * Merges several commits into one. A key that several of them check is checked once, and records with the
 * same joint become one.
 */
function merged(group: readonly Waiting[]): CommitBatch {
  const checks = new Map<string, KvCheck>();
  const mutations: KvMutation[] = [];
  const open = new Map<string, Written[]>();
  const joined: Written[][] = [];
  for (const { batch } of group) {
    for (const check of batch.checks) checks.set(nameOf(check), check);
    for (const mutation of batch.mutations) {
      if (mutation.type === "set" && mutation.joint) join(mutation, mutation.joint);
      else mutations.push(mutation);
    }
  }
  for (const records of joined) mutations.push(...asOne(records));
  return { checks: [...checks.values()], mutations };

  function join(record: Written, { name, by }: Joint) {
    const records = open.get(name);
    if (records !== undefined && records.length < by.most) return void records.push(record);
    const begun = [record];
    open.set(name, begun);
    joined.push(begun);
  }
}

function asOne(records: readonly Written[]): readonly Written[] {
  const [first] = records;
  if (first?.joint === undefined || records.length === 1) return records;
  const { key, name, joint } = first;
  const value = joint.by.join(records.map(({ value }) => value));
  return [{ type: "set", key, name, value }];
}
