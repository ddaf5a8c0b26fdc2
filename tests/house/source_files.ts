const root = new URL("../../", import.meta.url);

/** The paths of all files of the product, from the root of the checkout. */
export async function sourceFiles(): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name } of Deno.readDir(root)) if (name.endsWith(".ts")) paths.push(name);
  for (const folder of ["migrations", "routes", "src", "stores"]) {
    for await (const path of filesBelow(folder)) paths.push(path);
  }
  return paths;
}

/** Those of the tests. */
export async function testSources(): Promise<string[]> {
  return await Array.fromAsync(filesBelow("tests"));
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}
