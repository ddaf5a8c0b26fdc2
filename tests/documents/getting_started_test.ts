import { assert, assertEquals } from "@std/assert";
import { anInstallation, freePort } from "../support/server_process.ts";

const page = new URL("../../docs/getting-started.md", import.meta.url);

// Starts the server and the application of the page as processes: takes more than 5 seconds.
Deno.test("the first relying party of docs/getting-started.md signs its user in as it stands there", async () => {
  const text = await Deno.readTextFile(page);
  const app = `http://localhost:${freePort()}`;
  const entries = JSON.parse(blockOf(text, "json").replaceAll("http://localhost:3000", app));
  await using installation = await anInstallation(entries);
  const server = await installation.start();
  const code = blockOf(text, "ts")
    .replaceAll("http://localhost:8000", installation.issuer)
    .replaceAll("http://localhost:3000", app)
    .replace("port: 3000", `port: ${new URL(app).port}`);
  await Deno.writeTextFile(`${installation.directory}/my-app.ts`, code);
  const [command] = commandsOf(text).filter((line) => line.includes("my-app.ts"));
  assert(command, "the page has no command that starts the application");
  await using _app = startApp(command, installation.directory);

  const begun = await answerOf(app);
  const user = entries.users[0];
  const callback = await server.browser().signInAndAllow(begun, user);
  assertEquals(callback.origin, app);
  const claims = await (await fetch(callback)).json();

  assertEquals([claims.iss, claims.aud], [installation.issuer, "my-app"]);
  assert(claims.sub);
});

/** The first block of code in a language. */
function blockOf(text: string, language: string): string {
  const [, code] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(text) ?? [];
  assert(code, `the page has no block of ${language}`);
  return code;
}

function commandsOf(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, lines = ""]) =>
    lines.trim().split("\n")
  );
}

function startApp(command: string, cwd: string): AsyncDisposable {
  const [program, ...args] = command.split(" ");
  assertEquals(program, "deno");
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Where the application sends its user; it may need a while to start. */
async function answerOf(app: string): Promise<string> {
  for (let tries = 0; tries < 150; tries++) {
    const response = await fetch(app, { redirect: "manual" }).catch(() => null);
    await response?.body?.cancel();
    const location = response?.headers.get("location");
    if (location) return location;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the application did not answer within 30 seconds");
}
