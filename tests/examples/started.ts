import { type Browser, newBrowser } from "../support/browser.ts";
import { anInstallation, freePort } from "../support/server_process.ts";

const root = new URL("../../", import.meta.url);

/** An example that runs at an address of its own, and a Latchkey that knows it. */
export interface StartedExample extends AsyncDisposable {
  /** The address of the example. */
  readonly origin: string;
  /** One browser, as each of the two sites sees it. */
  browser(): { readonly app: Browser; readonly latchkey: Browser };
}

/** The user of examples/bootstrap.json. */
export const robin = { username: "robin", password: "every door opens once" };

/**
 * Starts an example with the permissions of its own task, and Latchkey with examples/bootstrap.json. The
 * packages are those of tests/deno.lock.
 *
 * @param addressVariable the environment variable that tells the example where it runs
 * @param env of Latchkey
 * @param moved addresses of examples/bootstrap.json that are elsewhere
 */
export async function started(
  folder: string,
  addressVariable: string,
  env: Readonly<Record<string, string>> = {},
  moved: Readonly<Record<string, string>> = {},
): Promise<StartedExample> {
  const origin = `http://localhost:${freePort()}`;
  let entries = await Deno.readTextFile(new URL("examples/bootstrap.json", root));
  for (const [from, to] of Object.entries(moved)) entries = entries.replaceAll(from, to);
  await using resources = new AsyncDisposableStack();
  const installation = resources.use(
    await anInstallation({
      ...JSON.parse(entries.replaceAll("http://localhost:3000", origin)),
      env,
    }),
  );
  const { issuer } = installation;
  const server = await installation.start();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...await flagsOf(folder), `examples/${folder}/main.ts`],
    cwd: root,
    env: { NO_COLOR: "1", ISSUER: issuer, [addressVariable]: origin },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let isRunning = true;
  const ended = child.status.finally(() => isRunning = false);
  resources.defer(async () => {
    if (isRunning) child.kill("SIGKILL");
    await ended;
  });
  await untilItAnswers(origin, () => isRunning);
  const kept = resources.move();
  return {
    origin,
    browser: () => ({
      app: newBrowser((path, init) => fetch(new URL(path, origin), init), origin),
      latchkey: server.browser(),
    }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The packages of tests/deno.lock, and the permissions of the example's own task. */
async function flagsOf(folder: string): Promise<string[]> {
  const file = new URL(`examples/${folder}/deno.json`, root);
  const { tasks } = JSON.parse(await Deno.readTextFile(file));
  const permissions = String(tasks.start).split(" ").filter((word) => word.startsWith("--"))
    // Latchkey runs at 127.0.0.1 in tests.
    .map((flag) => flag.replace("=localhost", "=localhost,127.0.0.1"));
  return ["--quiet", "--no-prompt", "--frozen", "--config=deno.json", "--lock=tests/deno.lock"]
    .concat(permissions);
}

async function untilItAnswers(origin: string, isRunning: () => boolean): Promise<void> {
  for (const giveUpAt = Date.now() + 30_000; isRunning() && Date.now() < giveUpAt;) {
    const response = await fetch(origin).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the example did not answer");
}
