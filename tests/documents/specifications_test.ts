import { assert, assertEquals } from "@std/assert";
import { members } from "../../src/clients/members.ts";

const root = new URL("../../", import.meta.url);

Deno.test("the README's table of specifications names switches and files that exist", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const configuration = await Deno.readTextFile(new URL("docs/configuration.md", root));
  const [, section = ""] = readme.split("### Specifications\n");
  const [table = ""] = section.split(/^## /m);
  const rows = table.split("\n").filter((line) => line.startsWith("|")).slice(2);
  assert(rows.length > 20);
  for (const row of rows) {
    const [, , switches = "", where = ""] = row.split("|");
    for (const [, name = ""] of switches.matchAll(/`([^`]+)`/g)) {
      const exists = /^LATCHKEY_/.test(name) || switches.includes("of a resource")
        ? configuration.includes(`\`${name}\``)
        : Object.hasOwn(members, name);
      assert(exists, `${name} is no setting and no member of client metadata`);
    }
    const [, path = ""] = /`([^`]+)`/.exec(where) ?? [];
    const { isFile } = await Deno.stat(new URL(`src/${path}`, root));
    assertEquals(isFile, true, row);
  }
});
