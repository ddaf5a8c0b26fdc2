import { z } from "zod";
import { collection, type Entry, type Fresh, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /**
   * Random, but not secret. The link's token is a MAC of it, so read access to the store is not enough to
   * make one.
   */
  linkId: z.string(),
  /** The administrator that was created with it. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type SetupLink = z.infer<typeof schema>;
const setupLinks = collection({ family: "setup_links", version: 1, schema });

/** The place of the setup link; only one exists at a time. */
export function ref(): Ref<SetupLink> {
  return setupLinks.ref();
}

/** Stores an unspent link, if no live one exists. */
export function create(
  tx: Transaction,
  found: Entry<SetupLink>,
  link: Omit<SetupLink, "spentBy">,
): SetupLink {
  const record = { ...link, spentBy: null };
  tx.create(found.ref, record);
  return record;
}

/** Spends the link, in the commit that creates the administrator. */
export function consume(tx: Transaction, link: Fresh<SetupLink>, userId: string) {
  tx.replace(link, { ...link.value, spentBy: userId });
}
