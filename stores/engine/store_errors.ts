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
