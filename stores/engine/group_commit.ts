import type { Joint } from "./joining.ts";
import type { CommitBatch, KvBackend, KvCheck, KvMutation, Written } from "./kv.ts";
import { nameOf } from "./transaction.ts";

/** A commit that waits to be sent. */
interface Waiting {
  readonly batch: CommitBatch;
  resolve(versionstamp: string | null): void;
  reject(error: unknown): void;
}

/** The limits of one commit to a local file are 100 checks and 1,000 mutations. */
const most = { steps: 64, checks: 100, mutations: 1000 };
/** Further ones in a commit save hardly anything. */
const enough = 24;
/** The first brings the answers of a commit to the clients, the second what they send then. */
const quietTurns = 2;

/** Ends when the event loop has done what was there. */
function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * Sends independent commits that are ready at the same moment as one. A local file writes one transaction
 * at a time and waits for the disk after each, so a shared commit waits only once. Two commits may share
 * unless one writes a key that the other checks or writes. Two checks of one key at the same versionstamp
 * do not conflict. Added records that may be one become one record. If a shared commit fails, each of its
 * commits is tried alone, so that one stale step fails alone.
 *
 * While several come at the same moment, a commit is sent when the process has nothing else to do. It would
 * have been alone otherwise, as the requests beside it were still being read.
 * @param backend a local one: over KV Connect a commit may have only ten checks
 * @param turn waits for a turn of the event loop
 */
export function groupCommits(backend: KvBackend, turn = turnOfEventLoop): KvBackend {
  let waiting: Waiting[] = [];
  let working = false;
  let several = false;

  return {
    ...backend,
    commit(batch) {
      const { promise, resolve, reject } = Promise.withResolvers<string | null>();
      waiting.push({ batch, resolve, reject });
      if (!working) void work();
      return promise;
    },
  };

  async function work() {
    working = true;
    while (waiting.length > 0) {
      if (several) await quiet();
      const { group, rest } = nextGroup(waiting);
      waiting = rest;
      several = group.length + rest.length > 1;
      await commitGroup(group);
      several ||= waiting.length > 1;
    }
    working = false;
  }

  /** Waits as long as turns bring further commits. */
  async function quiet() {
    for (let turns = 0; turns < quietTurns && waiting.length < enough;) {
      const before = waiting.length;
      await turn();
      turns = waiting.length === before ? turns + 1 : 0;
    }
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
