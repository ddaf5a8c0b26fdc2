import type { Migration } from "./migration.ts";

/**
 * Marks that people have passkeys, authenticator apps and recovery codes, and that pending requests
 * remember the first of two factors. Both are upgraded as they are read, so there is nothing to do; but
 * a release before cannot read them, and would let somebody in with one factor where there are two.
 */
export const migration: Migration = {
  description: "people can have passkeys and a second factor",
  worksFrom: 3,
  run: () => Promise.resolve(),
};
