import type { CommitBatch, KvBackend } from "./kv.ts";
import { nameOf } from "./transaction.ts";

/** A commit that waits to be sent. */
interface Waiting {
  readonly batch: CommitBatch;
  resolve(versionstamp: string | null): void;
  reject(error: unknown): void;
}

/** The limits of one commit to a local file are 100 checks and 1,000 mutations. */
const most = { steps: 64, checks: 100, mutations: 1000 };

/**
 * Sends independent commits that are ready at the same moment as one. A local file writes one transaction
 * at a time and waits for the disk after each, so a shared commit waits only once. Two commits may share
 * unless one writes a key that the other checks or writes. Two checks of one key at the same versionstamp
 * do not conflict. If a shared commit fails, each of its commits is tried alone, so that one stale step
 * fails alone.
 * @param backend a local one: over KV Connect a commit may have only ten checks
 */
export function groupCommits(backend: KvBackend): KvBackend {
  let waiting: Waiting[] = [];
  let working = false;

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
      const { group, rest } = nextGroup(waiting);
      waiting = rest;
      await commitGroup(group);
    }
    working = false;
  }

  async function commitGroup(group: readonly Waiting[]) {
    const [first] = group;
    if (first && group.length === 1) return await commitAlone(first);
    try {
      const versionstamp = await backend.commit(merged(group));
      if (versionstamp !== null) return group.forEach(({ resolve }) => resolve(versionstamp));
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
function nextGroup(waiting: readonly Waiting[]): { group: Waiting[]; rest: Waiting[] } {
  const group: Waiting[] = [];
  const rest: Waiting[] = [];
  const checked = new Map<string, string | null>();
  const written = new Set<string>();
  let mutations = 0;
  for (const one of waiting) {
    const { batch } = one;
    const checks = batch.checks.map((check) => [nameOf(check), check.versionstamp] as const);
    const writes = batch.mutations.map(nameOf);
    const fits = group.length < most.steps && checked.size + checks.length <= most.checks &&
      mutations + writes.length <= most.mutations;
    const independent = writes.every((key) => !written.has(key) && !checked.has(key)) &&
      checks.every(([key, versionstamp]) =>
        !written.has(key) && (!checked.has(key) || checked.get(key) === versionstamp)
      );
    // A commit that is larger than the limits of a group is sent alone.
    if (group.length > 0 && !(fits && independent)) {
      rest.push(one);
      continue;
    }
    group.push(one);
    for (const [key, versionstamp] of checks) checked.set(key, versionstamp);
    for (const key of writes) written.add(key);
    mutations += writes.length;
  }
  return { group, rest };
}

/** Merges several commits into one. A key that several of them check is checked once. */
function merged(group: readonly Waiting[]): CommitBatch {
  const checks = new Map(
    group.flatMap(({ batch }) => batch.checks.map((check) => [nameOf(check), check])),
  );
  return {
    checks: [...checks.values()],
    mutations: group.flatMap(({ batch }) => batch.mutations),
  };
}
