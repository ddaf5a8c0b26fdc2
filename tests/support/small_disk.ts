/** A disk of a few megabytes, in memory. */
export interface SmallDisk extends AsyncDisposable {
  readonly directory: string;
  /** Fills it to the last byte. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Mounts a small disk; null where that is not allowed. */
export async function aSmallDisk(): Promise<SmallDisk | null> {
  const directory = await Deno.makeTempDir({ prefix: "latchkey-disk-" });
  if (!(await succeeds("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]))) {
    await Deno.remove(directory);
    return null;
  }
  const ballast = `${directory}/ballast`;
  return {
    directory,
    async fill() {
      using file = await Deno.open(ballast, { create: true, append: true });
      // Small at last, so that not a page is left.
      for (const size of [65_536, 4096, 1]) {
        while (await file.write(new Uint8Array(size)).then(() => true, () => false));
      }
    },
    free: () => Deno.remove(ballast),
    async [Symbol.asyncDispose]() {
      // A process that was just killed may still hold it.
      await succeeds("umount", ["-l", directory]);
      await Deno.remove(directory);
    },
  };
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const output = { stdout: "null", stderr: "null" } as const;
  const run = () => new Deno.Command(command, { args: [...args], ...output }).output();
  return await run().then(({ success }) => success, () => false);
}
