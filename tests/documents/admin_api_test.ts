import { assert, assertEquals } from "@std/assert";
import { testWith } from "../support/runtimes.ts";
import { anInstallation } from "../support/server_process.ts";

const page = new URL("../../docs/admin-api.md", import.meta.url);

// Starts a server and sends some sixty requests, each by a process: takes more than 5 seconds.
testWith("bash, curl and jq", {
  name: "the session of docs/admin-api.md runs as it stands there, with the errors that it names",
  async run() {
    const text = await Deno.readTextFile(page);
    const [registered = ""] = blocksOf(text, "json");
    const alice = { username: "alice", password: "a long password of alice" };
    await using installation = await anInstallation({
      clients: JSON.parse(registered).clients,
      users: [alice],
      // A store with new keys, as the page has it.
      env: { LATCHKEY_KV: ":memory:", LATCHKEY_MAIL: "none", LATCHKEY_SIGN_UP: "invited" },
    });
    const server = await installation.start();
    const browser = server.browser();
    await browser.submit(await browser.open("/account"), alice);
    const session = blocksOf(text, "sh").join("\n")
      .replaceAll("http://localhost:8000", installation.issuer);

    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", `${tellingCurl}\n${session}`],
      cwd: installation.directory,
      stdout: "null",
    }).output();

    const told = new TextDecoder().decode(stderr);
    assertEquals(code, 0, told);
    const statuses = [...told.matchAll(/^status (\d+)$/gm)].map(([, status]) => Number(status));
    assert(statuses.length > 50, told);
    const refused = statuses.filter((status) => status >= 400);
    assertEquals(refused, [...session.matchAll(/ # (4\d\d)\b/g)].map(([, named]) => Number(named)));
  },
});

/** Each request tells its status on standard error; the session itself reads only standard output. */
const tellingCurl = `curl() { command curl --write-out '%{stderr}status %{http_code}\\n' "$@"; }`;

function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  return [...blocks].map(([, code = ""]) => code);
}
