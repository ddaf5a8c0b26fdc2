import type { Deps } from "../deps/deps.ts";
import { count } from "../telemetry/counters.ts";

/** A job that runs on a schedule. Several processes may start it; a lease or a check lets only one do it. */
interface CronJob {
  readonly name: string;
  /** In crontab syntax, UTC. */
  readonly schedule: string;
  run(deps: Deps): Promise<unknown>;
}

/** The jobs. Each loads its code when it runs, so that a start does not wait for it. */
export const cronJobs: readonly CronJob[] = [
  {
    name: "clean up",
    schedule: "0 2 * * *",
    run: async (deps) => await (await import("../maintenance/cleanup.ts")).cleanUp(deps),
  },
  {
    name: "seal audit events",
    schedule: "7 * * * *",
    run: async (deps) => await (await import("../audit/seal.ts")).sealAuditEvents(deps),
  },
  {
    name: "rotate signing keys",
    schedule: "30 2 * * *",
    run: async (deps) => await (await import("../keys/key_rotation.ts")).rotateDueKeys(deps),
  },
  {
    name: "rotate encryption keys",
    schedule: "40 2 * * *",
    async run(deps) {
      const { rotateDueEncryptionKeys } = await import("../keys/encryption_key_rotation.ts");
      return await rotateDueEncryptionKeys(deps);
    },
  },
  {
    // The mail worker of each process does this too, but on a serverless platform it may be suspended.
    name: "deliver mail",
    schedule: "* * * * *",
    run: async (deps) =>
      await (await import("../mail/deliver.ts")).deliverMail(deps, deps.stopping),
  },
  {
    name: "tell clients of logouts",
    schedule: "* * * * *",
    run: async (deps) =>
      await (await import("../logout/worker.ts")).tellOfLogouts(deps, deps.stopping),
  },
  {
    name: "tell clients of answers",
    schedule: "* * * * *",
    async run(deps) {
      const { deliverPings } = await import("../backchannel/deliver_pings.ts");
      return await deliverPings(deps, deps.stopping);
    },
  },
];

/**
 * Runs a job as soon as the provider can do its work. What fails is counted and logged. The end of the process
 * waits for it: otherwise a mail that is being sent would be sent again by the next process.
 */
export async function runCronJob(job: CronJob, started: Promise<Deps>) {
  const deps = await started;
  if (!deps.stopping.aborted) await deps.background.begin(() => runCounted(job, deps));
}

async function runCounted({ name, run }: CronJob, deps: Deps) {
  try {
    await run(deps);
    count("latchkey.cron.runs", { job: name, outcome: "done" });
  } catch (error) {
    const { Interrupted } = await import("../../stores/engine/pacer.ts");
    if (error instanceof Interrupted) return; // the next process does it
    count("latchkey.cron.runs", { job: name, outcome: "failed" });
    deps.logger.error(`the cron job "${name}" failed`, { error });
  }
}
