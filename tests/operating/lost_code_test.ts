import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { aBuiltServer } from "../support/built_server.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";

const alice = { username: "alice", password: "correct horse battery staple" };

// It builds once, and starts four processes one after the other.
testOnNewerDeno(
  "which has no deno bundle",
  "a built server refuses a relative store, and one that loses its files becomes unready or ends with an error",
  async () => {
    await using place = await aBuiltServer();
    const built = place.folder;
    await using installation = await anInstallation({ users: [alice] });

    const relative = installation.spawn({ built, env: { LATCHKEY_KV: ".latchkey/kv.sqlite" } });
    const refusal = "LATCHKEY_KV must be an absolute path for a built";
    await assertRejects(() => relative.ready(), Error, refusal);
    assertEquals((await relative.ended).code, 1);
    assertEquals([...Deno.readDirSync(built)].some(({ name }) => name === ".latchkey"), false);

    await (await installation.start({ built })).kill("SIGTERM"); // now alice's password is hashed
    const path = await remove(built, /^hasher-/);
    const server = await installation.start({ built });
    await signIn(server);
    await signIn(server);
    assertEquals(await readiness(server), "code_not_loaded");
    await Deno.writeTextFile(path.file, path.text);
    await signIn(server);
    assertEquals(await readiness(server), "code_not_loaded", "Deno does not load it again");
    assertEquals(errors(server, "could not be loaded").length, 1, server.output());
    assertEquals((await server.kill("SIGTERM")).code, 0);

    await remove(built, /^browser_app-/);
    const broken = installation.spawn({ built });
    assertEquals((await broken.ended).code, 1);
    const [failure = ""] = errors(broken, "a part of the server failed, and the process ends");
    assertStringIncludes(failure, "browser_app-");
    assertStringIncludes(broken.output(), "stopping: unready");
    const raw = broken.output().split("\n").filter((line) => line !== "" && line[0] !== "{");
    assertEquals(raw, []);
  },
);

async function signIn(server: ServerProcess) {
  const browser = server.browser();
  await browser.submit(await browser.open("/account"), alice);
}

async function readiness(server: ServerProcess): Promise<string> {
  const { status, reason } = await (await fetch(`${server.url}/readyz`)).json();
  return reason ?? status;
}

/** The lines of the log that are errors and say this. */
function errors(server: ServerProcess, text: string): string[] {
  const lines = server.output().split("\n");
  return lines.filter((line) => line.includes('"level":"error"') && line.includes(text));
}

/** Removes the one file with such a name. */
async function remove(folder: string, name: RegExp) {
  const [found, ...more] = [...Deno.readDirSync(folder)].filter((one) => name.test(one.name));
  assert(found !== undefined && more.length === 0, `${name}`);
  const file = `${folder}/${found.name}`;
  const text = await Deno.readTextFile(file);
  await Deno.remove(file);
  return { file, text };
}
