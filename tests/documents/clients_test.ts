import { assert, assertEquals } from "@std/assert";
import { parseBootstrapFile } from "../../src/boot/file.ts";

const root = new URL("../../", import.meta.url);

Deno.test("the code of docs/clients.md is that of the examples, which tests run", async () => {
  const page = await Deno.readTextFile(new URL("docs/clients.md", root));
  const examples = await Promise.all(
    ["auth_js", "backchannel_logout", "better_auth", "command_line", "till"].map((folder) =>
      Deno.readTextFile(new URL(`examples/${folder}/main.ts`, root))
    ),
  );
  const blocks = blocksOf(page, "ts");
  assert(blocks.length >= 2);
  const known = examples.map(withoutIndents);
  assertEquals(blocks.filter((block) => !known.some((code) => code.includes(block))), []);
});

Deno.test("a bootstrap file takes each registration of docs/clients.md, and has those of the examples", async () => {
  const page = await Deno.readTextFile(new URL("docs/clients.md", root));
  const { clients } = JSON.parse(
    await Deno.readTextFile(new URL("examples/bootstrap.json", root)),
  );
  const entries = blocksOf(page, "json").map((block) => JSON.parse(block));
  const resources = entries.filter((entry) => "resource" in entry);
  const registered = entries.filter((entry) => !resources.includes(entry));
  parseBootstrapFile("docs/clients.md", JSON.stringify({ clients: registered, resources }));
  const ofExamples = registered.filter(({ client_id }) => client_id.startsWith("example-"));
  assert(ofExamples.length >= 2);
  for (const entry of ofExamples) {
    assertEquals(entry, clients.find((one: typeof entry) => one.client_id === entry.client_id));
  }
});

function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  return [...blocks].map(([, code = ""]) => withoutIndents(code));
}

/** The page and the example indent the same lines differently. */
function withoutIndents(code: string): string {
  return code.split("\n").map((line) => line.trim()).join("\n");
}
