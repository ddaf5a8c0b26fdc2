import { aBalancer } from "./balancer.ts";
import { type Browser, newBrowser } from "./browser.ts";
import { aKvServer, type KvServer } from "./denokv.ts";
import {
  anInstallation,
  freePort,
  type InstallationOptions,
  type ServerProcess,
} from "./server_process.ts";

export interface ClusterOptions extends InstallationOptions {
  /** 3, unless the test says otherwise. */
  readonly processes?: number;
  /** The address of the store for the processes: the server itself, or a proxy in front of it. */
  readonly kvPort?: (kv: KvServer) => number;
}

/** Several server processes on one KV Connect server, and the proxy that people reach them by. */
export interface Cluster extends AsyncDisposable {
  readonly issuer: string;
  readonly kv: KvServer;
  /** Killed ones are replaced where they stood. */
  readonly processes: ServerProcess[];
  /** A browser that comes by the proxy: each of its requests meets another process. */
  browser(): Browser;
  /** SIGKILL to one process, and another in its place. */
  crash(index: number): Promise<void>;
}

/** Starts all processes at the same time, on an empty store. */
export async function aCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const stack = new AsyncDisposableStack();
  try {
    const kv = stack.use(await aKvServer());
    const kvPort = options.kvPort?.(kv) ?? kv.port;
    const installation = stack.use(
      await anInstallation({
        ...options,
        env: { ...kv.envBy(kvPort), LATCHKEY_TRUST_PROXY: "1", ...options.env },
      }),
    );
    const { issuer } = installation;
    const ports = Array.from({ length: options.processes ?? 3 }, freePort);
    const processes = ports.map((port) => installation.spawn({ port }));
    await Promise.all(processes.map((server) => server.ready()));
    const balancer = aBalancer(Number(new URL(issuer).port), () => processes.map(({ url }) => url));
    stack.defer(() => balancer.close());
    return {
      issuer,
      kv,
      processes,
      browser: () => newBrowser((path, init) => fetch(new URL(path, issuer), init), issuer),
      async crash(index) {
        const server = processes[index];
        const port = ports[index];
        if (!server || port === undefined) throw new Error(`there is no process ${index}`);
        await server.kill();
        processes[index] = await installation.start({ port });
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
