import { type KvBackend, systemClock, systemTimers } from "../../stores/engine/kv.ts";
import { newDeps } from "../../src/boot/new_deps.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { passwordHasher } from "../../src/authn/passwords/hasher.ts";
import { bootstrap, type BootstrapResult } from "../../src/boot/bootstrap.ts";
import { firstSetupLink } from "../../src/boot/setup_link.ts";
import { unbranded } from "../support/brand.ts";
import type { Config } from "../../src/config/config.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Transport } from "../../src/deps/transport.ts";
import { consoleMailer } from "../../src/mail/console_mailer.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { type TestClock, testClock } from "../support/clock.ts";
import { defaultConfig } from "../support/config.ts";
import { silentLogger } from "../support/silent_logger.ts";

/** Two master keys. */
export const [oldKey, newKey] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
];

export interface ProcessOptions {
  readonly key?: Uint8Array;
  readonly previous?: Uint8Array;
  readonly config?: Partial<Config>;
  /** Takes the requests that leave. */
  readonly transport?: Transport;
  readonly logger?: Logger;
  /** Wraps the store of this process alone. */
  readonly wrap?: (backend: KvBackend) => KvBackend;
}

/** A process that has started. */
interface Booted extends BootstrapResult {
  readonly setupLink: string | null;
  readonly deps: Deps;
}

/** One store, on which processes boot, one after another or at once. */
export interface Installation extends AsyncDisposable {
  readonly clock: TestClock;
  readonly backend: KvBackend;
  /** What a process of its own works with. */
  process(options?: ProcessOptions): Promise<Deps>;
  boot(file?: unknown, options?: ProcessOptions): Promise<Booted>;
}

/** A real KV without a single record. */
export async function anInstallation(): Promise<Installation> {
  const clock = testClock();
  const backend = await openMemory();
  const hasher = passwordHasher(systemRandom, { memoryKiB: 8, iterations: 1 });

  const installation: Installation = {
    clock,
    backend,
    async process({ key = oldKey, previous, config = {}, wrap, transport, logger } = {}) {
      return newDeps({
        // Several of its processes share the store, as they would a remote one.
        config: {
          ...defaultConfig,
          masterKeyPrevious: previous ?? null,
          cacheMegabytes: 0,
          ...config,
        },
        backend: wrap?.(backend) ?? backend,
        clock,
        timers: systemTimers,
        random: systemRandom,
        masterKey: await masterKey(key, previous ?? null, systemRandom),
        passwordHasher: hasher,
        brand: unbranded,
        mailer: consoleMailer(() => {}, systemClock),
        logger: logger ?? silentLogger,
        ...(transport ? { transport } : {}),
      });
    },
    async boot(file, options) {
      const deps = await installation.process(options);
      const bootstrapText = file === undefined ? null : JSON.stringify(file);
      const booted = await bootstrap(deps, { bootstrapText });
      return { ...booted, setupLink: await firstSetupLink(deps), deps };
    },
    // deno-lint-ignore require-await -- `await using` wants a promise
    async [Symbol.asyncDispose]() {
      hasher.close();
      backend.close();
    },
  };
  return installation;
}
