import { assertEquals, assertRejects } from "@std/assert";
import { build, type Bundle, denoBundle } from "../../tools/build.ts";
import { BuildRefused } from "../../tools/build_folder.ts";

const root = new URL("../../", import.meta.url);

/** Stands for the bundler: files that the build accepts, at once. */
const bundleOf = (text: string): Bundle => async (folder) => {
  const workers = ["argon2_worker", "sqlite_worker"].map((name) =>
    `new URL("./${name}.ts", import.meta.url);`
  );
  await Deno.writeTextFile(`${folder}/main.js`, [...workers, text].join("\n"));
  await Deno.writeTextFile(`${folder}/all_files-1.js`, "");
  await Deno.mkdir(`${folder}/src`);
  await Deno.writeTextFile(`${folder}/src/worker.js`, "");
};
const noBundle: Bundle = () => Promise.reject(new Error("the bundler was started"));

Deno.test("a build replaces an earlier one, by a path with spaces and other letters too", async () => {
  await using place = await aPlace();
  const folder = `${place.path}/ein Büro #1 100%/dist`;
  await build(folder, bundleOf("first"));
  const first = await namesBelow(folder);
  await build(`${folder}/`, bundleOf("second"));
  assertEquals((await Deno.readTextFile(`${folder}/main.js`)).split("\n").at(-1), "second");
  assertEquals(await namesBelow(folder), first);
  const beside = (await namesBelow(`${folder}/..`)).filter((name) => !name.includes("/"));
  assertEquals(beside, ["dist"]);
  // An empty folder, such as a new one of an operator, is taken.
  await Deno.mkdir(`${place.path}/empty`);
  await build(`${place.path}/empty`, bundleOf("first"));
});

Deno.test("no build deletes a file that no build has made", async () => {
  await using place = await aPlace();
  const { path } = place;
  await Deno.mkdir(`${path}/notes`);
  await Deno.writeTextFile(`${path}/notes/mine`, "mine");
  await Deno.symlink(`${path}/notes`, `${path}/link`);
  for (const [name, file] of [["store", ".latchkey/kv.sqlite"], ["page", "main.js/mine"]]) {
    const folder = `${path}/${name}`;
    await build(folder, bundleOf("first"));
    if (name === "page") await Deno.remove(`${folder}/main.js`);
    const own = `${folder}/${file}`;
    await Deno.mkdir(own.slice(0, own.lastIndexOf("/")));
    await Deno.writeTextFile(own, "mine");
  }
  await build(`${path}/empty`, bundleOf("first"));
  await Deno.mkdir(`${path}/empty/.latchkey`);
  await build(`${path}/edited`, bundleOf("first"));
  await Deno.writeTextFile(`${path}/edited/latchkey_build.json`, "{}");
  await build(`${path}/busy`, bundleOf("first"));
  await Deno.mkdir(`${path}/busy.new`);

  const before = await namesBelow(path);
  const folders = ["notes", "notes/mine", "link", "store", "page", "empty", "edited", "busy"];
  for (const folder of [...folders.map((name) => `${path}/${name}`), ".", "..", "src", "/", ""]) {
    await assertRejects(() => build(folder, noBundle), BuildRefused, undefined, folder);
  }
  assertEquals(await namesBelow(path), before);
});

Deno.test("a build that fails leaves the former one in place", async () => {
  await using place = await aPlace();
  const folder = `${place.path}/dist`;
  await build(folder, bundleOf("first"));
  const before = await namesBelow(place.path);
  const withoutBundler: Bundle = (out) => denoBundle(out, "2.5.6");
  const refusal = await assertRejects(() => build(folder, withoutBundler), BuildRefused);
  assertEquals(
    refusal.message,
    "A build needs the bundler of Deno 2.6 or later; this is 2.5.6.",
  );
  const without = (out: string) => Deno.writeTextFile(`${out}/main.js`, "no worker");
  await assertRejects(() => build(folder, without), Error, "is it still a worker?");
  assertEquals(await namesBelow(place.path), before);

  // A server that was started there while the bundler ran.
  const meanwhile: Bundle = async (out) => {
    await bundleOf("second")(out);
    await Deno.writeTextFile(`${folder}/kv.sqlite`, "mine");
  };
  await assertRejects(() => build(folder, meanwhile), BuildRefused, "kv.sqlite");
  assertEquals(await namesBelow(place.path), [...before, "dist/kv.sqlite"].sort());
  assertEquals((await Deno.readTextFile(`${folder}/main.js`)).split("\n").at(-1), "first");
});

Deno.test("the task that builds may write its own folders alone", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  assertEquals(/--allow-write\S*/.exec(tasks.build)?.[0], "--allow-write=dist,dist.new,dist.old");
});

async function aPlace(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "latchkey-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** All paths below a folder, sorted. */
async function namesBelow(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    names.push(name);
    if (isDirectory) {
      names.push(...(await namesBelow(`${folder}/${name}`)).map((inner) => `${name}/${inner}`));
    }
  }
  return names.sort();
}
