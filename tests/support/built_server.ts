import { build } from "../../tools/build.ts";

/** A built server, in a folder of its own. */
export async function aBuiltServer(
  prefix = "latchkey-built-",
): Promise<{ readonly folder: string } & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix });
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  await build(folder);
  const kept = resources.move();
  return { folder, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
