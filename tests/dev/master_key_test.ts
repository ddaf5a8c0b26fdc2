import { assertEquals } from "@std/assert";
import { localMasterKey } from "../../development.ts";

Deno.test("development servers that start for the first time at the same moment create one key", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/state/key`;

  const keys = await Promise.all(Array.from({ length: 8 }, () => localMasterKey(path)));

  const [first] = keys;
  assertEquals(first?.length, 32);
  for (const key of keys) assertEquals(key, first);
  assertEquals(await localMasterKey(path), first);
  await Deno.remove(folder, { recursive: true });
});
