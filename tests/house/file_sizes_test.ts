import { assertEquals } from "@std/assert";
import { sourceFiles } from "./source_files.ts";

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
  for (const path of await sourceFiles()) {
    const lines = (await Deno.readTextFile(new URL(path, root))).split("\n").length - 1;
    if (lines > most) long.push(path);
  }
  assertEquals(long.sort(), Object.keys(data));
});
