import { assertEquals } from "@std/assert";
import { sourceFiles } from "./source_files.ts";

const root = new URL("../../", import.meta.url);

Deno.test("a file imports the names of a module in one statement", async () => {
  const twice: string[] = [];
  for (const path of await sourceFiles()) {
    const text = await Deno.readTextFile(new URL(path, root));
    const modules = [...text.matchAll(/^import (?:type )?\{[^}]*\} from "([^"]+)";$/gm)]
      .map(([, module]) => module);
    const repeated = modules.filter((module, n) => modules.indexOf(module) !== n);
    twice.push(...repeated.map((module) => `${path} imports ${module} twice`));
  }
  assertEquals(twice, []);
});
