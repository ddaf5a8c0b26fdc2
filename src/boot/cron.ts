import type { Deps } from "../deps/deps.ts";
import { sealAuditEvents } from "../audit/seal.ts";
import { deliverMail } from "../mail/deliver.ts";
import { cleanUp } from "../maintenance/cleanup.ts";
import { rotateDueKeys } from "../keys/key_rotation.ts";

/** A job that runs on a schedule. Several processes may start it; a lease or a check lets only one do it. */
export interface CronJob {
  readonly name: string;
  /** In crontab syntax, UTC. */
  readonly schedule: string;
  run(deps: Deps): Promise<unknown>;
}

export const cronJobs: readonly CronJob[] = [
  { name: "clean up", schedule: "0 2 * * *", run: cleanUp },
  { name: "seal audit events", schedule: "7 * * * *", run: sealAuditEvents },
  { name: "rotate signing keys", schedule: "30 2 * * *", run: rotateDueKeys },
  // The mail worker of each process does this too, but on a serverless platform it may be suspended.
  { name: "deliver mail", schedule: "* * * * *", run: deliverMail },
];
