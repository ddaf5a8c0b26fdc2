import type { Kv } from "../../stores/engine/step.ts";
import type { Clock, Timers } from "../../stores/engine/kv.ts";
import type { Brand } from "./brand.ts";
import type { Config } from "../config/config.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import type { RandomSource } from "../crypto/random.ts";
import type { PasswordHasher } from "./password_hasher.ts";
import type { Health } from "./health.ts";
import type { Background } from "./background.ts";
import type { WakeUp } from "./wake_up.ts";
import type { Mailer } from "./mailer.ts";
import type { Signer } from "./signer.ts";
import type { Transport } from "./transport.ts";
import type { Logger } from "../telemetry/logger.ts";

/**
 * Everything that the provider takes from its environment. With a seeded clock, random source and KV, the
 * whole server is a deterministic function of its requests.
 */
export interface Deps {
  readonly config: Config;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly masterKey: MasterKey;
  readonly signer: Signer;
  readonly passwordHasher: PasswordHasher;
  readonly brand: Brand;
  readonly mailer: Mailer;
  readonly transport: Transport;
  /** Wakes the mail worker after a step that added a mail to the outbox. */
  readonly mailWakeUp: WakeUp;
  /** Wakes the worker that tells clients, after a step that ended sessions. */
  readonly logoutWakeUp: WakeUp;
  /** Wakes the worker that tells clients that a user elsewhere has answered, after a step with an answer. */
  readonly pingWakeUp: WakeUp;
  readonly logger: Logger;
  readonly health: Health;
  readonly background: Background;
  /** Aborted when the process was told to stop: it still answers for a while, but starts no long work. */
  readonly stopping: AbortSignal;
}
