import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);
const most = 220;

/** What is data, and no code to read from top to bottom. */
const data: Readonly<Record<string, string>> = {
  "src/authn/passwords/common_passwords.ts": "passwords",
  "src/identifiers/confusables.ts": "characters that look alike",
  "src/language/strings/de.ts": "texts",
  "src/language/strings/en.ts": "texts",
};

Deno.test(`no file of the product has more than ${most} lines, except for data`, async () => {
  const long: string[] = [];
  const look = async (path: string) => {
    const lines = (await Deno.readTextFile(new URL(path, root))).split("\n").length - 1;
    if (lines > most) long.push(path);
  };
  for await (const { name } of Deno.readDir(root)) if (name.endsWith(".ts")) await look(name);
  for (const folder of ["migrations", "routes", "src", "stores"]) {
    for await (const path of sourceFiles(folder)) await look(path);
  }
  assertEquals(long.sort(), Object.keys(data));
});

async function* sourceFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sourceFiles(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}
