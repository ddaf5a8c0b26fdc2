/** A control group of Linux: its processes get so much memory together, and no swap. */
export interface MemoryGroup extends AsyncDisposable {
  /** The words before a command that is to run in the group from its start. */
  readonly command: readonly string[];
  /** How many processes of it were killed because they wanted more. */
  kills(): Promise<number>;
}

/** @returns null where no group can be made: only root may, and some containers forbid it */
export async function memoryGroup(mebibytes: number): Promise<MemoryGroup | null> {
  for (const { parent, limit, swap, events } of hierarchies) {
    const folder = `${parent}/latchkey-${crypto.randomUUID()}`;
    try {
      await Deno.mkdir(folder);
    } catch {
      continue;
    }
    const remove = () => Deno.remove(folder);
    try {
      const bytes = String(mebibytes << 20);
      await Deno.writeTextFile(`${folder}/${limit}`, bytes, { create: false });
      // A kernel that counts no swap lacks this file.
      await Deno.writeTextFile(`${folder}/${swap.file}`, swap.value(bytes), { create: false })
        .catch(() => {});
    } catch {
      await remove();
      continue;
    }
    return {
      command: ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder],
      async kills() {
        const text = await Deno.readTextFile(`${folder}/${events}`);
        return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? NaN);
      },
      async [Symbol.asyncDispose]() {
        // The kernel counts a process that has just ended for some more milliseconds.
        for (let turn = 0; turn < 100; turn++) {
          const isGone = await remove().then(() => true, () => false);
          if (isGone) return;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    };
  }
  return null;
}

/** Version 2, then version 1. */
const hierarchies: readonly {
  readonly parent: string;
  readonly limit: string;
  readonly swap: { readonly file: string; readonly value: (bytes: string) => string };
  /** The file with the number of killed processes. */
  readonly events: string;
}[] = [
  {
    parent: "/sys/fs/cgroup",
    limit: "memory.max",
    swap: { file: "memory.swap.max", value: () => "0" },
    events: "memory.events",
  },
  {
    parent: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    // With the memory: so there is none left for swap.
    swap: { file: "memory.memsw.limit_in_bytes", value: (bytes) => bytes },
    events: "memory.oom_control",
  },
];
