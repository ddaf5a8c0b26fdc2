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
