/** The store is unavailable or too contended at present: answered 503 with `Retry-After`. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** A step exceeded a limit of the KV. This is a bug in the step, found before the store would refuse it. */
export class StoreLimitExceeded extends Error {
  override readonly name = "StoreLimitExceeded";
}

export const kvLimits = {
  /** A standard self-hosted server allows 10 checks; a local file would allow 100. */
  checks: 10,
  keysPerRead: 10,
  mutations: 1000,
  keyBytes: 2048,
} as const;

/**
 * Why the system refused a file or a folder, in a few words and without its path. Deno has a name for most
 * reasons. For others, such as a read-only file system, its message begins with the system's words.
 */
export function fileFault(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return error.name === "Error" ? error.message.split(":")[0] ?? error.name : error.name;
}
