import { memoryKv } from "../support/memory_kv.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { type Scheduler, scheduler } from "../support/scheduler.ts";
import { slowCommits } from "../support/slow_commits.ts";
import { clean, sealAndVerify } from "./maintenance.ts";
import { chanceOf } from "./chance.ts";
import { crowd } from "./crowd.ts";
import { eventLog } from "./event_log.ts";
import type { OrderedCrypto } from "./crypto.ts";
import { historyOf } from "./history.ts";
import { givenOnce } from "./front_channel.ts";
import { live } from "./users.ts";
import { beginning, type Installation } from "./installation.ts";
import { audited } from "./invariants/audit.ts";
import { endedForGood } from "./invariants/ended.ts";
import { accountsKept } from "./invariants/accounts_kept.ts";
import { indexed, knownPasskeys } from "./invariants/indexes.ts";
import { nothingLost } from "./invariants/nothing_lost.ts";
import { withinLimits } from "./invariants/within_limits.ts";
import { spentOnce } from "./invariants/spent_once.ts";
import { applications, clientsTold, tell, tellTheRest } from "./logouts.ts";
import { lookBack } from "./look_back.ts";
import { answersTold } from "./pings.ts";
import type { Trace } from "./network.ts";
import { readTrail } from "./trail.ts";
import { authenticators } from "./persons_now.ts";
import { flood } from "./request_flood.ts";
import { type Process, startProcess } from "./process.ts";
import { faultPlanOf } from "./faults.ts";
import type { Counts, World } from "./world.ts";

/** The result of one seed. */
export interface Run {
  readonly seed: number;
  /** The faults as sentences; empty if there are none. */
  readonly findings: readonly string[];
  readonly counts: Counts;
}

export interface RunOptions {
  readonly installation: Installation;
  readonly crypto: OrderedCrypto;
  /** Takes the calls to the store, one a line. */
  readonly trace?: Trace;
  /** Breaks each process's way to its store. */
  readonly sabotage?: (backend: KvBackend) => KvBackend;
}

/** Lets people and clients use an installation in bad faultPlan, and looks for what must never be. */
export async function runSeed(seed: number, options: RunOptions): Promise<Run> {
  const time = scheduler({ start: beginning * 1000, outside: options.crypto });
  const { world, clear } = await aWorld(seed, time, options);
  if (world.chanceOf("caretaker").happens(0.03)) clean(world);
  tell(world);
  const browsers = await untilQuiet(world, async () => {
    const names = Array.from({ length: world.chanceOf("size").between(2, 3) }, (_, n) => `#${n}`);
    const flooding = world.chanceOf("flooder").happens(0.1) ? flood(world) : null;
    const crowded = world.history.store.remote ? null : crowd(world);
    const used = (await Promise.all(names.map((name) => live(world, name)))).flat();
    await Promise.all([flooding, crowded]);
    clear(); // what was left open has now the peace to be settled
    return used;
  });
  if (browsers) await untilQuiet(world, () => lookBack(world, browsers));
  await untilQuiet(world, () => tellTheRest(world));
  if (!world.history.store.remote) await untilQuiet(world, () => readTrail(world));
  if (world.chanceOf("sealer").happens(0.1)) await untilQuiet(world, () => sealAndVerify(world));

  const { findings, counts } = world;
  const invariants = [
    spentOnce(world),
    givenOnce(world),
    nothingLost(world, browsers ?? []),
    endedForGood(world),
    clientsTold(world),
    answersTold(world),
    audited(world),
    indexed(world),
    knownPasskeys(world),
    accountsKept(world),
    withinLimits(world),
  ];
  for (const invariant of invariants) findings.push(...invariant);
  counts.checked += world.history.records.size;
  return { seed, findings, counts };
}

/** Does something for as long as it takes. Null: it never ended, or failed, which is noted. */
async function untilQuiet<T>(
  { scheduler, findings, counts }: World,
  work: () => Promise<T>,
): Promise<T | null> {
  let result: { value: T } | null = null;
  const working = work().then(
    (value) => void (result = { value }),
    (error) => void findings.push(`a party failed: ${error.stack}`),
  );
  await scheduler.run();
  if (counts.unanswered > 0) findings.push(`${counts.unanswered} requests were never answered`);
  else await working;
  return (result as { value: T } | null)?.value ?? null;
}

async function aWorld(seed: number, time: Scheduler, options: RunOptions) {
  const chance = chanceOf(seed, "shape");
  const remote = chance.happens(0.8);
  const slots = remote ? chance.pick([1, 2, 2, 3]) : 1; // a file is one process's
  const rateLimits = chance.happens(0.05);
  const faultPlan = faultPlanOf({ seed, remote, slots, scheduler: time });
  const store = memoryKv({ clock: time.clock, remote });
  const disk = chanceOf(seed, "disk");
  // What commits is the file's own, below what watches it: a group of commits is several in its eyes.
  const write = () => time.timers.sleep(disk.pick([0.1, 1, 4]));
  // Nobody can wait for the first records, because time does not pass yet.
  const file = slowCommits(
    store,
    () => time.steps === 0 ? Promise.resolve() : write(),
    () => time.steps === 0 ? Promise.resolve() : time.timers.sleep(0.01),
  );
  const history = await historyOf(remote ? store : file, options.installation.records);
  const counts = noCounts();
  const findings: string[] = [];
  const observer = {
    stepRerun: () => void counts.reruns++,
    outcomeUnknown: () => void counts.unknownOutcomes++,
    undelivered: () => void counts.undelivered++,
    settlingFailed: (error: Error) => void findings.push(`settling failed: ${error.message}`),
  };
  const transport = applications({
    history,
    findings,
    faultPlan,
    scheduler: time,
    chance: chanceOf(seed, "applications"),
  });
  const start = (slot: number, life: number) =>
    startProcess({
      seed,
      slot,
      life,
      store: history.store,
      installation: options.installation,
      scheduler: time,
      faultPlan,
      trace: options.trace ?? null,
      observer,
      transport,
      rateLimits,
      ...(options.sabotage ? { sabotage: options.sabotage } : {}),
    });
  const lives = new Array<number>(slots).fill(1);
  const processes: Process[] = lives.map((life, slot) => start(slot, life));

  for (const { step, slot } of faultPlan.deaths) {
    time.atStep(step, () => {
      const process = processes[slot];
      if (!process?.isAlive || faultPlan.isClear) return;
      process.kill();
      counts.deaths++;
      time.timers.sleep(chance.between(10, 2000)).then(() => {
        processes[slot] = start(slot, lives[slot] = (lives[slot] ?? 0) + 1);
      });
    });
  }
  for (const { step, milliseconds } of faultPlan.jumps) {
    time.atStep(step, () => {
      if (faultPlan.isClear) return;
      time.jump(milliseconds);
      counts.jumps++;
    });
  }
  const world: World = {
    seed,
    scheduler: time,
    eventLog: eventLog(),
    history,
    counts,
    processAt: (slot) => processes[slot % slots] as Process,
    slots,
    findings,
    chanceOf: (party) => chanceOf(seed, party),
    authenticatorOf: authenticators(options.installation),
    limited: rateLimits,
    told: transport.told,
    passedRequests: [],
  };
  return { world, clear: faultPlan.clear };
}

function noCounts(): Counts {
  return {
    requests: 0,
    answers: {},
    openings: {},
    unanswered: 0,
    reruns: 0,
    unknownOutcomes: 0,
    undelivered: 0,
    deaths: 0,
    jumps: 0,
    checked: 0,
  };
}
