import { dirname, isAbsolute, join, relative, sep } from "node:path";

/** Names the files that a build has made, so that the next one deletes no other file. */
const marker = "latchkey_build.json";

/** What stops a build. The folder is as it was before. */
export class BuildRefused extends Error {
  override readonly name = "BuildRefused";
}

/**
 * Fills a new folder beside the given one, which then takes its place. Only an earlier build is replaced, and
 * only if nothing else is in its folder.
 * @param sources the folder of the repository, which is never replaced
 * @throws {BuildRefused} if the folder holds anything else
 */
export async function replaceFolder(
  target: string,
  sources: string,
  fill: (fresh: string) => Promise<void>,
): Promise<void> {
  await assertReplaceable(target, sources);
  const fresh = `${target}.new`;
  await makeFolder(fresh);
  try {
    await fill(fresh);
    const files = [...await contents(fresh), marker].sort();
    await Deno.writeTextFile(join(fresh, marker), `${JSON.stringify({ files }, null, 2)}\n`);
    await replace(target, fresh, sources);
  } catch (error) {
    await Deno.remove(fresh, { recursive: true });
    throw error;
  }
}

async function makeFolder(path: string) {
  if (await typeOf(dirname(path)) === null) await Deno.mkdir(dirname(path), { recursive: true });
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new BuildRefused(
      `${path} exists: another build is running, or one was interrupted. If none runs, remove it.`,
    );
  }
}

/** Renames, so that at any time the folder is a whole build; the former one is deleted afterwards. */
async function replace(target: string, fresh: string, sources: string) {
  if (await typeOf(target) === null) return await Deno.rename(fresh, target);
  const former = `${target}.old`;
  if (await typeOf(former) !== null) {
    throw new BuildRefused(`${former} exists: look what it holds, and remove it.`);
  }
  await Deno.rename(target, former);
  try {
    // Once more: meanwhile a server may have been started there, with a store in the folder.
    await assertReplaceable(former, sources);
    await Deno.rename(fresh, target);
  } catch (error) {
    await Deno.rename(former, target);
    throw error;
  }
  await Deno.remove(former, { recursive: true });
}

/** @throws {BuildRefused} if the path is anything else than free, an empty folder or an earlier build */
async function assertReplaceable(target: string, sources: string) {
  const type = await typeOf(target);
  if (isWithin(sources, target)) {
    throw new BuildRefused(`${target} holds the sources: name a folder that a build may replace.`);
  }
  if (type === null) return;
  if (type !== "folder") throw new BuildRefused(`${target} is no folder: name another path.`);
  if (isWithin(await Deno.realPath(sources), await Deno.realPath(target))) {
    throw new BuildRefused(`${target} holds the sources: name a folder that a build may replace.`);
  }
  const made = await builtFiles(target);
  const other = (await contents(target)).filter((path) => !made.has(path));
  if (other.length === 0) return;
  throw new BuildRefused(
    made.size === 0
      ? `${target} is not empty and has no ${marker}, so it may be no earlier build: move it away, or \
name another folder.`
      : `${target} holds ${
        other[0]
      }, which no build has made: move it to a place of its own first.`,
  );
}

/** The paths that the marker of an earlier build names; none: it is no build. */
async function builtFiles(folder: string): Promise<ReadonlySet<string>> {
  try {
    const { files } = JSON.parse(await Deno.readTextFile(join(folder, marker)));
    return new Set(files);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    throw new BuildRefused(`${join(folder, marker)} cannot be read: move the folder away.`);
  }
}

/** All paths in a folder, from it; the name of an empty folder ends with a slash. */
async function contents(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inside = isDirectory ? await contents(join(folder, name)) : null;
    if (inside === null) found.push(name);
    else if (inside.length === 0) found.push(`${name}/`);
    else found.push(...inside.map((path) => `${name}/${path}`));
  }
  return found;
}

/** Null: nothing is there. A link is no folder, whatever it names. */
async function typeOf(path: string): Promise<"folder" | "other" | null> {
  try {
    return (await Deno.lstat(path)).isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
