import type { Clock, KvBackend, Timers } from "../../stores/engine/kv.ts";
import { bytesThatFit } from "../../stores/engine/sizes.ts";
import { endsSessions } from "../../stores/session_ends.ts";
import { createKv, type KvObserver } from "../../stores/engine/step.ts";
import type { Config } from "../config/config.ts";
import type { MasterKey } from "../crypto/master_key.ts";
import type { RandomSource } from "../crypto/random.ts";
import { createBackground } from "../deps/background.ts";
import { createWakeUp } from "../deps/wake_up.ts";
import type { Brand } from "../deps/brand.ts";
import type { Deps } from "../deps/deps.ts";
import type { Mailer } from "../deps/mailer.ts";
import type { PasswordHasher } from "../deps/password_hasher.ts";
import { createHealth } from "../maintenance/health.ts";
import type { NativeSigning } from "../deps/native_signing.ts";
import { signerLoadedLater } from "../keys/signer_loaded_later.ts";
import type { Transport } from "../deps/transport.ts";
import { nodeTransport } from "../outgoing/node_transport.ts";
import type { Logger } from "../telemetry/logger.ts";

/**
 * The parts that a server, a test and a simulation choose differently. Everything else is built from
 * them.
 */
export interface Surroundings {
  readonly config: Config;
  readonly backend: KvBackend;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly masterKey: MasterKey;
  readonly passwordHasher: PasswordHasher;
  readonly brand: Brand;
  readonly mailer: Mailer;
  readonly logger: Logger;
  /** How requests leave; the system's unless a test has its own. */
  readonly transport?: Transport;
  /** Is told what happens at the store. */
  readonly observer?: KvObserver;
  /** Makes signatures in a native library; absent: WebCrypto makes them. */
  readonly nativeSigning?: NativeSigning | null;
  /** Aborted when the process is told to stop; if absent, never. */
  readonly stopping?: AbortSignal;
}

/** Builds the provider's dependencies. */
export function newDeps(
  { backend, observer, nativeSigning = null, ...chosen }: Surroundings,
): Deps {
  const { clock, timers, random, masterKey } = chosen;
  const health = createHealth(() => deps);
  const logoutWakeUp = createWakeUp(timers);
  const kv = createKv(backend, {
    clock,
    timers,
    random,
    cacheBytes: bytesThatFit(chosen.config.cacheMegabytes),
    observer: {
      ...observer,
      troubled: health.notice,
      landed(batch) {
        observer?.landed?.(batch);
        health.wrote();
        // Here, so that no way in which a session ends can forget it.
        if (endsSessions(batch)) logoutWakeUp.wake();
      },
    },
  });
  const deps: Deps = {
    stopping: new AbortController().signal,
    transport: nodeTransport(),
    ...chosen,
    kv,
    signer: signerLoadedLater({ kv, masterKey, logger: chosen.logger, native: nativeSigning }),
    mailWakeUp: createWakeUp(timers),
    logoutWakeUp,
    pingWakeUp: createWakeUp(timers),
    health,
    background: createBackground(),
  };
  return deps;
}
