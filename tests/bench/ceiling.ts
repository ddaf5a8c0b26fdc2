import { freePort } from "../support/server_process.ts";
import { type Load, load } from "./load.ts";

/** A server without a provider: what this machine can do at most for an operation. */
export interface Ceiling extends AsyncDisposable {
  /** @param keys how many records the operation writes */
  measure(work: CeilingWork, connections: number, seconds: number): Promise<Load>;
}

export interface CeilingWork {
  readonly signature: string | null;
  readonly keys: number;
}

/** Starts the server on a file of its own. */
export async function aCeiling(): Promise<Ceiling> {
  const directory = await Deno.makeTempDir({ prefix: "ceiling-" });
  const port = freePort();
  const server = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      new URL("ceiling_server.ts", import.meta.url).pathname,
      String(port),
      `${directory}/kv.sqlite`,
    ],
    stdout: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(`${url}/none/0`);
  return {
    async measure({ signature, keys }, connections, seconds) {
      const path = `${url}/${signature ?? "none"}/${Math.round(keys)}`;
      const loop = async () => {
        const response = await fetch(path, { method: "POST", body: "grant_type=nothing" });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`the ceiling answered ${response.status}`);
      };
      const loops = Array.from({ length: connections }, () => loop);
      await load(loops, seconds / 10); // until it is warm
      return await load(loops, seconds);
    },
    async [Symbol.asyncDispose]() {
      server.kill("SIGKILL");
      await server.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function untilItAnswers(url: string) {
  for (let n = 0; n < 300; n++) {
    const response = await fetch(url, { method: "POST" }).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the ceiling did not start");
}
