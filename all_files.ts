import { onlyRead } from "./only_read.ts";

/**
 * Reads all files that this process has not read, because it has not imported them yet. It runs none of
 * them. A process goes on as it began: its later imports do not meet the files of another release.
 *
 * The address of the list is made when it is used. Otherwise Deno would read the list at the start, and
 * `deno task build`, which writes a file of its own in place of this one, would bundle it.
 */
export async function readAllFiles(): Promise<void> {
  const list = import.meta.resolve("./all_sources.ts");
  const { state } = await Deno.permissions.query({ name: "read", path: new URL(list) });
  // Deno itself needs no permission. So it has read everything at the start, or could not have started.
  if (state !== "granted") return;
  await import(list).catch((error) => {
    if (error !== onlyRead) throw error;
  });
}
