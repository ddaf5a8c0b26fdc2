/** The properties of the process that decide how its memory is allocated. */
export interface AllocatorSurroundings {
  /** Of `Deno.build`. */
  readonly os: string;
  /** Of `Deno.build`: `gnu` where the C library is glibc. */
  readonly libc: string | undefined;
  /** Of the environment. */
  readonly threshold: string | undefined;
  readonly onDeploy: boolean;
}

/** The variable that glibc reads when the process starts. */
export const allocatorVariable = "MALLOC_MMAP_THRESHOLD_";

const most = 4 * 1024 * 1024;

/**
 * A warning for an operator whose process keeps the memory of its password hashes; null: none. Each hash
 * takes a block of 19 MiB. By default, after the first such block is freed, glibc raises the size from
 * which it takes blocks directly from the system. It then keeps such blocks in the heap of each thread,
 * and after many sign-ins at once more than a gigabyte stays in use. A threshold that is set explicitly
 * does not change.
 * @see mallopt(3), M_MMAP_THRESHOLD
 */
export function allocatorWarning(surroundings: AllocatorSurroundings): string | null {
  const { os, libc, threshold, onDeploy } = surroundings;
  if (os !== "linux" || libc !== "gnu" || onDeploy) return null;
  if (/^\d{1,9}$/.test(threshold ?? "") && Number(threshold) <= most) return null;
  return "MALLOC_MMAP_THRESHOLD_ is not set: a burst of sign-ins can leave gigabytes allocated; \
start the process with MALLOC_MMAP_THRESHOLD_=1048576, as deno task start does";
}
