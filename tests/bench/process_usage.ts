/** The processor time that a process has used, in milliseconds; null where there is no /proc. */
export async function cpuTime(pid: number): Promise<number | null> {
  const stat = await readProc(pid, "stat");
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) return null;
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick;
}

const millisecondsPerTick = 10; // USER_HZ is 100 wherever Deno runs

/** The most memory that a process has had at once, in MiB; null where there is no /proc. */
export async function peakMemory(pid: number): Promise<number | null> {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(await readProc(pid, "status") ?? "")?.[1];
  return kibibytes === undefined ? null : Math.round(Number(kibibytes) / 1024);
}

async function readProc(pid: number, file: string): Promise<string | null> {
  if (Deno.build.os !== "linux") return null;
  return await Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => null);
}

/** The memory of a process, in MiB. */
export interface Memory {
  readonly resident: number;
  /** The most at once, since the last `resetPeak`. */
  readonly peak: number;
  /** The part that malloc took: its heap and its arenas. The heap of V8 is not in it. */
  readonly heap: number;
}

/** @throws where there is no /proc */
export async function memory(pid: number): Promise<Memory> {
  const status = await readProc(pid, "status") ?? "";
  const kibibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN);
  return {
    resident: Math.round(kibibytes("VmRSS") / 1024),
    peak: Math.round(kibibytes("VmHWM") / 1024),
    heap: Math.round(mallocSize(await readProc(pid, "smaps") ?? "") / 1024),
  };
}

/** Begins a new measurement of the peak. */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5").catch(() => {});
}

/** KiB: an arena of glibc begins at a multiple of 64 MiB. */
function mallocSize(smaps: string): number {
  let [size, isCounted] = [0, false];
  for (const line of smaps.split("\n")) {
    const mapping = /^([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ 0 *(\S*)/.exec(line);
    if (mapping) {
      const [, start = "", name = ""] = mapping;
      const isArena = name === "" && BigInt(`0x${start}`) % (64n << 20n) === 0n;
      isCounted = name === "[heap]" || isArena;
    } else if (isCounted && line.startsWith("Rss:")) size += parseInt(line.slice(4));
  }
  return size;
}
