import { freePort } from "./server_process.ts";

/** The KV Connect server that the tests use, in the version that `.ci/install_denokv` builds. */
const denokvVersion = "0.14.0";

/** Whether the tests are to run on the server: what `deno task test:denokv` asks for. */
export const onDenokv = Deno.env.get("LATCHKEY_TEST_STORE") === "denokv";

/**
 * Finds the server's binary: where DENOKV_PATH says, in the cache of `.ci/install_denokv`, or on the
 * PATH. An empty DENOKV_PATH means to do without.
 */
function findDenokv(): string | null {
  const named = Deno.env.get("DENOKV_PATH");
  if (named !== undefined) return named === "" ? null : named;
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const directories = (Deno.env.get("PATH") ?? "").split(":").filter((name) => name !== "");
  const candidates = [
    `${cache}/latchkey/denokv-${denokvVersion}/bin/denokv`,
    ...directories.map((directory) => `${directory}/denokv`),
  ];
  return candidates.find(isFile) ?? null;
}

/** A test that needs the server; skipped, and aloud, unless it is asked for. */
export function testOnDenokv(name: string, fn: () => Promise<void>) {
  if (onDenokv) Deno.test(name, fn);
  else console.warn(`SKIPPED, as it needs a KV Connect server (deno task test:denokv): ${name}`);
}

/** A test of what only a store in a local file does; skipped, and aloud, where the tests run on a server. */
export function testOnFile(name: string, fn: () => Promise<void>) {
  if (!onDenokv) Deno.test(name, fn);
  else console.warn(`SKIPPED, as it is about a local file: ${name}`);
}

/** A KV Connect server of its own, on a file that is gone afterwards. */
export interface KvServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Its SQLite file. */
  readonly file: string;
  /** The variables that point a Latchkey server at it. */
  readonly env: { readonly LATCHKEY_KV: string; readonly DENO_KV_ACCESS_TOKEN: string };
  /** Its address by another port, where a proxy listens. */
  envBy(port: number): KvServer["env"];
  /** Stops it as it stands: connections stay open, and nothing is answered. */
  pause(): void;
  resume(): void;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after a kill, on the same port and file. */
  restart(): Promise<void>;
}

export interface KvServerOptions {
  /** A file to start from, such as a restored backup. */
  readonly file?: string;
}

/** The token of every server of these tests: a client takes it from its environment. */
export const accessToken = "a token of the tests";

/** Starts a server and waits until it answers. */
export async function aKvServer({ file }: KvServerOptions = {}): Promise<KvServer> {
  const binary = findDenokv();
  if (binary === null) throw new Error("denokv was not found: build it with .ci/install_denokv");
  const directory = await Deno.makeTempDir({ prefix: "latchkey-denokv-" });
  const path = file ?? `${directory}/denokv.sqlite`;
  const port = freePort();
  let child = await started(binary, path, port);
  const envBy = (at: number) => ({
    LATCHKEY_KV: `http://127.0.0.1:${at}`,
    DENO_KV_ACCESS_TOKEN: accessToken,
  });
  const kill = async () => {
    signal(child, "SIGKILL");
    await child.status;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    file: path,
    env: envBy(port),
    envBy,
    pause: () => signal(child, "SIGSTOP"),
    resume: () => signal(child, "SIGCONT"),
    kill,
    async restart() {
      child = await started(binary, path, port);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function started(path: string, file: string, port: number): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(path, {
    args: ["--sqlite-path", file, "serve", "--addr", `127.0.0.1:${port}`],
    env: { DENO_KV_ACCESS_TOKEN: accessToken },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt && !hasEnded;) {
    // It has no page of its own: any answer at all tells that it is up.
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST" }).catch(() => null);
    if (answer !== null) {
      await answer.body?.cancel();
      return child;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  signal(child, "SIGKILL");
  await child.status;
  throw new Error(`denokv did not start on port ${port}`);
}

function signal(child: Deno.ChildProcess, name: Deno.Signal) {
  try {
    child.kill(name);
  } catch (error) {
    // It may have ended by itself.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
