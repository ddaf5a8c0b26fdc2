import type { KvBackend } from "../../stores/engine/kv.ts";
import type { KvObserver } from "../../stores/engine/step.ts";
import { createApp } from "../../routes/app.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Transport } from "../../src/deps/transport.ts";
import type { Scheduler } from "../support/scheduler.ts";
import { randomOf } from "./chance.ts";
import { depsOf, type Installation, issuer } from "./installation.ts";
import { connect, type Trace } from "./network.ts";
import type { FaultPlan } from "./faults.ts";

/** One life of a server process. */
export interface Process {
  /** Such as `p1.2`: the second life of the first process. */
  readonly name: string;
  readonly isAlive: boolean;
  readonly deps: Deps;
  /** @throws {ConnectionLost} if it dies before it has answered */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Waits for work of the process. @throws {ConnectionLost} if it dies before the work is done */
  whileAlive<T>(work: () => Promise<T>): Promise<T>;
  /** Ends it at once, wherever it is: nothing of it happens any more, but for what it had sent. */
  kill(): void;
}

/** The other end hung up: whoever asked does not know what became of it. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

export interface ProcessOptions {
  readonly seed: number;
  readonly slot: number;
  readonly life: number;
  readonly store: KvBackend;
  readonly installation: Installation;
  readonly scheduler: Scheduler;
  readonly faultPlan: FaultPlan;
  readonly trace: Trace;
  readonly observer: KvObserver;
  readonly transport: Transport;
  readonly rateLimits: boolean;
  /** Breaks something between the process and its store, to see whether that is noticed. */
  readonly sabotage?: (backend: KvBackend) => KvBackend;
}

export function startProcess(options: ProcessOptions): Process {
  const { seed, slot, life, scheduler, installation } = options;
  const name = `p${slot + 1}.${life}`;
  let isAlive = true;
  const death = Promise.withResolvers<never>();
  death.promise.catch(() => {});
  const timers = scheduler.timersWhile(() => isAlive);
  const random = randomOf(seed, name);
  const connection = connect(options.store, { ...options, name, isAlive: () => isAlive });
  const { masterKey } = installation;
  const { clock } = scheduler;
  const { observer, transport, rateLimits } = options;
  const backend = options.sabotage?.(connection) ?? connection;
  const deps = depsOf({
    backend,
    clock,
    timers,
    random,
    masterKey,
    observer,
    transport,
    rateLimits,
  });
  const app = appWith(slot, deps);

  const whileAlive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isAlive) throw new ConnectionLost(`${name} is dead`);
    return await Promise.race([work(), death.promise]);
  };

  return {
    name,
    get isAlive() {
      return isAlive;
    },
    deps,
    request: (path, init) =>
      whileAlive(async () =>
        await app.fetch(new Request(new URL(path, issuer), init), { remoteAddress: "203.0.113.7" })
      ),
    whileAlive,
    kill() {
      isAlive = false;
      death.reject(new ConnectionLost(`${name} has died`));
    },
  };
}

const apps: { readonly app: ReturnType<typeof createApp>; use(deps: Deps): void }[] = [];

/**
 * An app whose surroundings are those of the process that lives in this slot now. Its router is built
 * at the first request, which takes longer than all others of a run, and it remembers nothing else.
 * A dead process never continues, so it never uses the dependencies of its successor.
 */
function appWith(slot: number, deps: Deps) {
  const made = apps[slot] ??= swappableApp(deps);
  made.use(deps);
  return made.app;
}

function swappableApp(first: Deps) {
  let current = first;
  const deps = new Proxy(first, { get: (_, name) => Reflect.get(current, name) });
  return { app: createApp(deps), use: (next: Deps) => void (current = next) };
}
