import { assertEquals, assertStringIncludes } from "@std/assert";
import { build } from "../../tools/build.ts";
import { aBuiltServer } from "../support/built_server.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { codeChallenge } from "../support/provider.ts";
import { assertGoesOnWithout } from "../support/replaced_files.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";

const shop = aClient("shop");
const ops = aClient("ops", {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  scope: "latchkey:admin",
});
const alice = { username: "alice", password: "correct horse battery staple" };

// It builds once, and starts four processes one after the other.
testOnNewerDeno(
  "which has no deno bundle",
  "a built server and the sources take turns on a store: migrations, pages, workers and programs work",
  async () => {
    await using place = await aBuiltServer("latchkey bäu ");
    const built = place.folder;
    await using installation = await anInstallation({ clients: [shop, ops], users: [alice] });
    const env = { LATCHKEY_BACKUP_FOLDER: `${installation.directory}/backups` };
    for (const turn of [built, null, built]) {
      const server = await installation.start({ built: turn, env });
      assertEquals(await backUp(server), "done"); // SQLite's worker
      const landed = await server.browser().signInAndAllow(authorizePath, alice); // the hasher's
      assertEquals(landed.searchParams.get("code")?.includes("."), true, landed.href);
      assertEquals((await server.kill("SIGTERM")).code, 0);
      const troubles = server.output().split("\n").filter((line) =>
        /"(warn|error)"|rror:/.test(line)
      )
        .filter((line) => !/no mail can be sent|the master key is not random/.test(line));
      assertEquals(troubles, []);
    }

    // A process goes on as it began: it has read what it will load, and runs what was not run yet.
    const server = await installation.start({ built, env: { LATCHKEY_LOG_LEVEL: "debug" } });
    const moved = `${built} moved`;
    await assertGoesOnWithout(built, moved, server, ops);
    await Deno.rename(moved, built);
    await server.kill();

    // The checksums too: they are of the sources, which a store remembers.
    assertEquals(await migrationStatus(built), await migrationStatus("."));
    // Nothing that ran there left a file, which would stop the next build.
    await build(built);
  },
);

const authorizePath = `/authorize?${new URLSearchParams({
  response_type: "code",
  client_id: "shop",
  redirect_uri: redirectUriOf(shop),
  scope: "openid",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
})}`;

async function migrationStatus(folder: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "migrate:status"],
    cwd: new URL(`${folder}/`, new URL("../../", import.meta.url)),
    env: { LATCHKEY_KV: ":memory:", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertStringIncludes(text, "store_format", new TextDecoder().decode(stderr));
  return text;
}

/** Makes a backup by the admin API. @returns the state in which it ended */
async function backUp(server: ServerProcess): Promise<string> {
  const answer = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "ops",
      client_secret: ops.client_secret ?? "",
      scope: "latchkey:admin",
      resource: `${server.url}/api/v1`,
    }),
  });
  const { access_token: token } = await answer.json();
  const headers = { authorization: `Bearer ${token}` };
  const url = `${server.url}/api/v1/maintenance/backup`;
  const begun = await fetch(url, { method: "POST", headers });
  if (begun.status >= 300) return await begun.text();
  await begun.body?.cancel();
  for (;;) {
    const operation = await fetch(new URL(begun.headers.get("location") ?? "", server.url), {
      headers,
    });
    const { state } = await operation.json();
    if (state !== "running") return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
