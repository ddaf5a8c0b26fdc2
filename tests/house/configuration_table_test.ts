import { assert, assertEquals } from "@std/assert";
import { environmentVariables } from "../../src/config/environment.ts";
import { configVariables } from "../../src/config/variables.ts";

Deno.test("docs/configuration.md names every variable that the server reads, and no other", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  // What Deno Deploy sets is nothing to configure.
  const variables = configVariables.filter((name) => !name.startsWith("DENO_"));
  const named = rows.flatMap((row) => namesIn(row.split("|")[1] ?? "", variables));
  assertEquals(named.sort(), [...variables].sort());
});

Deno.test("the names of variables that stand without their schema are those of the schemas", () => {
  assertEquals([...configVariables], Object.keys(environmentVariables));
});

Deno.test("docs/configuration.md says what each variable is where it is not set", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  const wrong: string[] = [];
  let compared = 0;
  for (const row of page.split("\n").filter((line) => line.startsWith("| `"))) {
    const [, names = "", , said = ""] = row.split("|");
    const [, name = ""] = names.match(/`([A-Z_]+)`/) ?? [];
    const usual = Object.entries(environmentVariables).find(([one]) => one === name)?.[1].usual;
    if (usual === undefined) continue;
    compared++;
    const [, first] = said.replaceAll("`", "").match(/^ *(\d+ days|[^ ;]+)/) ?? [];
    if (!written(usual).includes(first ?? "")) wrong.push(`${name}: ${said}`);
  }
  assertEquals(wrong, []);
  assert(compared > 30, `${compared} were found`);
});

/** As the table may write it. */
function written(usual: string | number | boolean | { count: number; seconds: number }): string[] {
  if (typeof usual === "object") return [`${usual.count}/${usual.seconds}`];
  if (typeof usual === "boolean") return [usual ? "on" : "off"];
  return [String(usual), `${Number(usual) / 86_400} days`];
}

/** The names in a cell; `_ID_TOKEN` after `LATCHKEY_LIFETIME_ACCESS_TOKEN` is the end of another. */
function namesIn(cell: string, variables: readonly string[]): string[] {
  const [first = "", ...others] = [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = ""]) => name);
  return [first, ...others.map((name) => name.startsWith("_") ? endingIn(name) : name)];

  function endingIn(end: string): string {
    const starts = first.split("_").map((_, n, words) => words.slice(0, n).join("_"));
    return starts.map((start) => start + end).find((name) => variables.includes(name)) ?? end;
  }
}
