import { assert, assertEquals } from "@std/assert";

const docs = new URL("../../docs/", import.meta.url);

/** The blocks of settings for systemd in a document. */
async function blocksOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(path, docs));
  return [...text.matchAll(/^```ini\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
}

Deno.test("a unit with another group is still in the group that may read the master key", async () => {
  const paths = ["operating.md", "deploying/several-processes.md"];
  const blocks = (await Promise.all(paths.map(blocksOf))).flat();
  assert(blocks.length >= 4, "the documents have units");
  // systemd takes the user's other groups from /etc/group alone, where its own group does not list it.
  const others = blocks.filter((block) => /^Group=(?!latchkey$)/m.test(block));
  assertEquals(others.length, 1);
  for (const block of others) assert(/^SupplementaryGroups=latchkey$/m.test(block), block);
});
