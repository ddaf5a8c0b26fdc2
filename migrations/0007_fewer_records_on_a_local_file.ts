import type { Migration } from "./migration.ts";

/**
 * Writes nothing. From here on, a local file holds some things in fewer records than before: an audit
 * event in its entry in the order of time, and what a client gets for itself in its access token. A store
 * that several processes share gets the earlier records, because processes of the previous release may
 * still run on it.
 */
export const migration: Migration = {
  description: "store audit events and clients' own tokens in fewer records on a local file",
  // An earlier release would miss these events, and refuse these tokens.
  worksFrom: 7,
  worksFromOnSharedStore: 6,
  run: () => Promise.resolve(),
};
