import { type Browser, newBrowser } from "./browser.ts";
import type { ClientEntry } from "./clients.ts";
import type { UserEntry } from "./provider.ts";
import { openLocalFile } from "../../stores/engine/local_file.ts";
import { copyServerRecords } from "./server_records.ts";
import type { MemoryGroup } from "./memory_group.ts";
import { flagsOfServer, taskNamed } from "./tasks.ts";
import { flagsOfSources } from "../../tools/build.ts";

export interface InstallationOptions {
  readonly clients?: readonly ClientEntry[];
  readonly users?: readonly (UserEntry & { readonly groups?: readonly string[] })[];
  readonly resources?: readonly Record<string, unknown>[];
  readonly groups?: readonly Record<string, unknown>[];
  /** More environment variables, or other values; LATCHKEY_KV names another store than a file. */
  readonly env?: Readonly<Record<string, string>>;
  /** More folders that the server may read and write. */
  readonly folders?: readonly string[];
}

/** A directory with a store and a bootstrap file, and the real server's processes on it. */
export interface Installation extends AsyncDisposable {
  /** The default port of the first process. */
  readonly issuer: string;
  readonly directory: string;
  /** Starts a process and waits until it is ready. @throws if it ends before that */
  start(options?: ProcessOptions): Promise<ServerProcess>;
  /** Starts a process, without waiting. */
  spawn(options?: ProcessOptions): ServerProcess;
}

export interface ProcessOptions {
  /** The port of the issuer, unless there is a process already. */
  readonly port?: number;
  /** Variables of this process only. */
  readonly env?: Readonly<Record<string, string>>;
  /** What bounds the process, such as a group that has no more memory. */
  readonly group?: Pick<MemoryGroup, "command"> | null;
  /** The folder of a built server, which runs instead of the sources. */
  readonly built?: string | null;
  /** The folder of a copy of the sources. */
  readonly sources?: string;
}

export interface ServerProcess {
  /** The address of this process: the issuer, or another port. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process has ended and all that it wrote is in `output`. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** The output so far, on standard output and standard error. */
  output(): string;
  /** Waits until it answers that it can do its work. @throws if it ends before that */
  ready(): Promise<void>;
  /** Sends a signal, SIGKILL unless told otherwise, and waits for the end. */
  kill(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
  /** A browser with cookies of its own, which talks to this process. */
  browser(): Browser;
}

/** A production server of its own, on a SQLite file and a port of its own. */
export async function anInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const directory = await Deno.makeTempDir({ prefix: "latchkey-" });
  const bootstrapFile = `${directory}/bootstrap.json`;
  const { clients = [], groups = [], users = [], resources = [] } = options;
  await Deno.writeTextFile(bootstrapFile, JSON.stringify({ clients, groups, users, resources }));
  const issuerPort = freePort();
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const flags = await permissionFlags([directory, ...options.folders ?? []]);
  const library = options.env?.LATCHKEY_NATIVE_CRYPTO;
  if (library !== undefined) flags.push(`--allow-ffi=${library}`); // as start:native does
  const env = {
    ...ownEnvironment(),
    MALLOC_MMAP_THRESHOLD_: "1048576", // as the task sets it
    LATCHKEY_ENV: "production",
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_HOST: "127.0.0.1",
    LATCHKEY_MASTER_KEY: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
    LATCHKEY_KV: await newStore(`${directory}/kv.sqlite`),
    LATCHKEY_BOOTSTRAP: bootstrapFile,
    LATCHKEY_RATE_LIMITS: "off",
    LATCHKEY_DRAIN_TIME: "0",
    ...options.env,
  };
  const processes: ServerProcess[] = [];
  const installation: Installation = {
    issuer,
    directory,
    spawn(
      { port = issuerPort, env: more = {}, group = null, built = builtForAll, sources = "." } = {},
    ) {
      const whole = { ...env, ...more };
      const server = spawnServer({ flags, env: whole, port, issuer, group, built, sources });
      processes.push(server);
      return server;
    },
    async start(processOptions) {
      const server = installation.spawn(processOptions);
      await server.ready();
      return server;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map((server) => server.kill()));
      await Deno.remove(directory, { recursive: true });
    },
  };
  return installation;
}

/**
 * A port where nobody listens. It is below those that the system gives to outgoing connections, so
 * that it is still free when a killed process is started again, and above 10080, which `fetch` refuses.
 */
export function freePort(): number {
  for (;;) {
    const port = 11_000 + Math.floor(Math.random() * 19_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** A store that has the signing keys of tests. */
async function newStore(path: string): Promise<string> {
  const backend = await openLocalFile(path);
  await copyServerRecords(backend);
  backend.close();
  return path;
}

const root = new URL("../../", import.meta.url);

/** Any test can be run with a server that `deno task build` built: LATCHKEY_TEST_BUILT=dist. */
const builtForAll = Deno.env.get("LATCHKEY_TEST_BUILT") ?? null;

/** The permissions of `deno task start`, and its own folders. */
async function permissionFlags(folders: readonly string[]): Promise<string[]> {
  const flags = flagsOfServer(await taskNamed("start"));
  return flags.map((flag) => /^--allow-(read|write)=/.test(flag) ? `${flag},${folders}` : flag);
}

/** The environment of the tests, without what a developer may have set for a server. */
function ownEnvironment(): Record<string, string> {
  const foreign = /^(LATCHKEY_|PORT$|DENO_DEPLOY)/i;
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !foreign.test(name)),
  );
}

function spawnServer(
  { flags, env, port, issuer, group, built, sources }: {
    readonly flags: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly port: number;
    readonly issuer: string;
    readonly group: Pick<MemoryGroup, "command"> | null;
    readonly built: string | null;
    readonly sources: string;
  },
): ServerProcess {
  const url = `http://127.0.0.1:${port}`;
  const [program = "", ...args] = [
    ...group?.command ?? [],
    Deno.execPath(),
    ...["run", "--quiet"],
    ...(built === null
      ? [...flags, "main.ts"]
      : [...flags.filter((flag) => !flagsOfSources.includes(flag)), "main.js"]),
  ];
  const child = new Deno.Command(program, {
    args,
    cwd: new URL(`${built ?? sources}/`, root),
    clearEnv: true,
    env: { ...env, PORT: String(port), NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  let isRunning = true;
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) output += decoder.decode(chunk, { stream: true });
  };
  const ended = Promise.all([child.status, keep(child.stdout), keep(child.stderr)])
    .then(([status]) => status)
    .finally(() => isRunning = false);

  return {
    url,
    pid: child.pid,
    ended,
    output: () => output,
    async ready() {
      for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt;) {
        const answer = await fetch(`${url}/readyz`).catch(() => null);
        await answer?.body?.cancel();
        if (answer?.ok && isRunning) return;
        if (!isRunning) throw new Error(`the server ended before it was ready:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`the server is not ready after a minute:\n${output}`);
    },
    async kill(signal = "SIGKILL") {
      try {
        child.kill(signal);
      } catch (error) {
        // It may have ended by itself a moment ago.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
      return await ended;
    },
    browser: () => newBrowser((path, init) => fetch(new URL(path, url), init), issuer),
  };
}
