import type { KvBackend } from "../../stores/engine/kv.ts";
import { faultyKv } from "../support/faulty_kv.ts";
import type { Scheduler } from "../support/scheduler.ts";
import { callDeadline, type FaultPlan } from "./faults.ts";

export interface ConnectionOptions {
  readonly scheduler: Scheduler;
  readonly faultPlan: FaultPlan;
  /** The name of the process, and whether it lives. */
  readonly name: string;
  readonly isAlive: () => boolean;
  /** Notes what is asked of the store, and what comes of it. */
  readonly trace: Trace;
}

/** The calls of all processes in their order; null: nobody wants to read them. */
export type Trace = string[] | null;

/**
 * A process's way to the store. Each call waits for its turn twice, on its way there and back, so all
 * orders of all processes' calls can happen; and what was sent may arrive after its sender's death.
 */
export function connect(
  store: KvBackend,
  { scheduler, faultPlan, name, isAlive, trace }: ConnectionOptions,
): KvBackend {
  const timers = scheduler.timersWhile(isAlive);
  const faulty = faultyKv(store, {
    // A call to a server may arrive after its sender was killed. A call to a file cannot.
    timers: store.remote ? scheduler.timers : timers,
    callDeadline,
    fault(call) {
      const fault = faultPlan.fault(call);
      if (fault && trace) note(`  ${fault.kind}`);
      return fault;
    },
  });

  return {
    remote: store.remote,
    getMany: (keys) => call(() => `read ${JSON.stringify(keys)}`, () => faulty.getMany(keys)),
    list: (selector, options) =>
      call(() => `list ${JSON.stringify(selector)}`, () => faulty.list(selector, options)),
    commit: (batch) =>
      call(
        () => `commit ${JSON.stringify(batch.mutations.map(({ type, key }) => [type, ...key]))}`,
        () => faulty.commit(batch),
        (held) => ` ${held}`,
      ),
    close() {},
  };

  async function call<T>(
    describe: () => string,
    send: () => Promise<T>,
    outcome: (answer: T) => string = () => "",
  ): Promise<T> {
    await timers.sleep(faultPlan.latency());
    if (trace) note(describe());
    const answer = await settled(send());
    await timers.sleep(faultPlan.latency());
    if (trace) note(`  ${"error" in answer ? answer.error : `answered${outcome(answer.value)}`}`);
    if ("error" in answer) throw answer.error;
    return answer.value;
  }

  function note(text: string) {
    trace?.push(`${scheduler.elapsed.toFixed(3)} ${name} ${text}`);
  }
}

async function settled<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}
