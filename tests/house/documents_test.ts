import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

Deno.test("the README has at most 150 lines, none longer than 120 columns", async () => {
  const lines = (await Deno.readTextFile(new URL("README.md", root))).trimEnd().split("\n");
  assertEquals(lines.length <= 150, true, `it has ${lines.length} lines`);
  assertEquals(lines.filter((line) => [...line].length > 120), []);
});

Deno.test("every link in a document to a file or a heading works", async () => {
  const broken: string[] = [];
  for await (const path of documents("")) {
    const text = await Deno.readTextFile(new URL(path, root));
    for (const target of linksOf(text)) {
      if (!await leadsSomewhere(new URL(path, root), target)) broken.push(`${path}: ${target}`);
    }
  }
  assertEquals(broken, []);
});

Deno.test("every source file that a document names is there", async () => {
  const missing: string[] = [];
  for await (const path of documents("")) {
    const text = await Deno.readTextFile(new URL(path, root));
    const named = text.matchAll(/`([\w./-]+\/[\w.-]+\.tsx?)`/g);
    for (const [, file = ""] of named) {
      // The README names files of src without that folder.
      const places = [new URL(file, root), new URL(`src/${file}`, root)];
      const found = await Promise.all(places.map(exists));
      if (!found.includes(true)) missing.push(`${path}: ${file}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("docs/screenshots holds exactly the pictures used in documents", async () => {
  const shown = new Set<string>();
  for await (const path of documents("")) {
    const text = await Deno.readTextFile(new URL(path, root));
    for (const target of linksOf(text)) {
      if (target.endsWith(".png")) shown.add(target.split("/").at(-1) ?? "");
    }
  }
  const kept: string[] = [];
  for await (const { name } of Deno.readDir(new URL("docs/screenshots/", root))) kept.push(name);
  assertEquals(kept.sort(), [...shown].sort());
});

/** Paths of Markdown files, from the root. */
async function* documents(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`./${folder}`, root))) {
    if (name.startsWith(".") || name === "node_modules" || name === "coverage") continue;
    if (isDirectory) yield* documents(`${folder}${name}/`);
    else if (name.endsWith(".md")) yield `${folder}${name}`;
  }
}

/** Relative ones; what stands in a block of code is no link. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)];
  return found.map(([, link, attribute]) => link ?? attribute ?? "").filter((target) =>
    !/^[a-z]+:/.test(target)
  );
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function leadsSomewhere(from: URL, target: string): Promise<boolean> {
  const url = new URL(target, from);
  const heading = url.hash.slice(1);
  url.hash = "";
  if (!await exists(url)) return false;
  if (heading === "") return true;
  return headingsOf(await Deno.readTextFile(url)).includes(heading);
}

/** As GitHub makes them from headings. */
function headingsOf(text: string): string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)].map((
    [, title = ""],
  ) => title.toLowerCase().replaceAll(/[^\p{L}\p{N}\- ]/gu, "").replaceAll(" ", "-"));
}
