import type { RandomSource } from "../../src/crypto/random.ts";
import type { CommitBatch, KvBackend, Timers } from "../../stores/engine/kv.ts";
import { CallTimedOut } from "../../stores/engine/remote.ts";

/** The fault of one call. Times are in milliseconds. */
export type Fault =
  | { readonly kind: "slow"; readonly before?: number; readonly after?: number }
  /** Answered `ok: false` by a store that has nothing against it, and not stored. Commits only. */
  | { readonly kind: "conflict" }
  /** Stored, but the reply is lost; the client sends it again and is told `ok: false`. Commits only. */
  | { readonly kind: "replyLost" }
  | { readonly kind: "throwBefore" }
  | { readonly kind: "throwAfter" }
  /** No answer. A commit lands after `landsAfter`; without it, the commit never lands. */
  | { readonly kind: "hang"; readonly landsAfter?: number };

/** One call, as who decides on its fault sees it. */
export interface Call {
  readonly kind: "getMany" | "list" | "commit";
  /** How many calls of this kind there were before. */
  readonly nth: number;
  readonly batch?: CommitBatch;
}

export interface FaultyOptions {
  readonly timers: Timers;
  readonly fault: (call: Call) => Fault | null;
  /** Milliseconds after which a call that hangs is rejected, as an opened remote store does it. */
  readonly callDeadline?: number;
}

/** One process's handle on a store that several may share. */
export interface FaultyKv extends KvBackend {
  /** The end of the process: nothing of it that is not yet stored will be, and all calls reject. */
  kill(): void;
}

/** Puts faults between a store and who uses it. Closing it leaves the store open for the others. */
export function faultyKv(
  store: KvBackend,
  { timers, fault, callDeadline = Infinity }: FaultyOptions,
): FaultyKv {
  let dead = false;
  const counts = { getMany: 0, list: 0, commit: 0 };
  const kill = () => void (dead = true);

  return {
    remote: store.remote,
    getMany: (keys) => call("getMany", () => store.getMany(keys)),
    list: (selector, options) => call("list", () => store.list(selector, options)),
    commit: (batch) => call("commit", () => store.commit(batch), { batch, denied: null }),
    kill,
    close: kill,
  };

  async function call<T>(
    kind: Call["kind"],
    send: () => Promise<T>,
    commit?: { readonly batch: CommitBatch; readonly denied: T },
  ): Promise<T> {
    assertAlive();
    const nth = counts[kind]++;
    const met = fault(commit ? { kind, nth, batch: commit.batch } : { kind, nth });
    switch (met?.kind) {
      case "slow":
        return await slowly(met.before ?? 0, met.after ?? 0, send);
      case "conflict":
        return commit ? commit.denied : await send();
      case "replyLost": {
        const answer = await send();
        return commit ? commit.denied : answer;
      }
      case "throwBefore":
        throw new Error("KV Connect failed to connect");
      case "throwAfter":
        await send();
        throw new Error("KV Connect failed to read response body");
      case "hang":
        if (met.landsAfter !== undefined) void landLate(met.landsAfter, send);
        return await hang();
    }
    return await send();
  }

  async function slowly<T>(before: number, after: number, send: () => Promise<T>): Promise<T> {
    await timers.sleep(before);
    assertAlive();
    const answer = await send();
    await timers.sleep(after);
    assertAlive();
    return answer;
  }

  /** It was sent, so not even the end of the process that sent it can stop it. */
  async function landLate(milliseconds: number, send: () => Promise<unknown>) {
    await timers.sleep(milliseconds);
    await send().catch(() => {}); // nobody is left to tell
  }

  async function hang(): Promise<never> {
    if (callDeadline === Infinity) return await new Promise(() => {});
    await timers.sleep(callDeadline);
    assertAlive();
    throw new CallTimedOut(`no answer within ${callDeadline} ms`);
  }

  function assertAlive() {
    if (dead) throw new Error("the process of this handle has ended");
  }
}

/** Faults for the commits with these numbers, counted from 0; all other calls go well. */
export function onCommits(faults: Readonly<Record<number, Fault>>): FaultyOptions["fault"] {
  return ({ kind, nth }) => kind === "commit" ? faults[nth] ?? null : null;
}

export interface FaultRates {
  /** For each kind of fault, the share of all calls that have it, from 0 to 1. */
  readonly rates: Readonly<Partial<Record<Fault["kind"], number>>>;
  /** Milliseconds of the longest wait. */
  readonly longest: number;
}

/** Faults by chance; the same for the same random source and order of calls. */
export function randomFaults(
  random: RandomSource,
  { rates, longest }: FaultRates,
): FaultyOptions["fault"] {
  return () => {
    let chance = fraction();
    for (const kind of kinds) {
      chance -= rates[kind] ?? 0;
      if (chance < 0) return faultOf(kind);
    }
    return null;
  };

  function faultOf(kind: Fault["kind"]): Fault {
    if (kind === "slow") return { kind, before: wait(), after: wait() };
    if (kind === "hang") return fraction() < 0.5 ? { kind } : { kind, landsAfter: wait() };
    return { kind };
  }

  function wait(): number {
    return Math.floor(fraction() * longest);
  }

  function fraction(): number {
    const [a = 0, b = 0, c = 0] = random.bytes(3);
    return (a << 16 | b << 8 | c) / 2 ** 24;
  }
}

// In one order, so that the same chance means the same fault whatever the order of the rates.
const kinds = ["slow", "conflict", "replyLost", "throwBefore", "throwAfter", "hang"] as const;
