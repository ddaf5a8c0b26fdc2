import { z } from "zod";
import { collection, type Entry, type Fresh, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Random, and no secret: the link's token is a MAC of it, which nobody makes who only reads the store. */
  linkId: z.string(),
  /** The administrator that was made with it; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  expiresAt: z.int(),
});
export type SetupLink = z.infer<typeof schema>;
const setupLinks = collection({ family: "setup_links", version: 1, schema });

/** Points at the one link that there is at a time. */
export function ref(): Ref<SetupLink> {
  return setupLinks.ref();
}

/** Keeps a link, unspent, where none lives. */
export function create(
  tx: Transaction,
  found: Entry<SetupLink>,
  link: Omit<SetupLink, "spentBy">,
): SetupLink {
  const record = { ...link, spentBy: null };
  tx.create(found.ref, record);
  return record;
}

/** Spends the link, in the commit that makes the administrator. */
export function consume(tx: Transaction, link: Fresh<SetupLink>, userId: string) {
  tx.replace(link, { ...link.value, spentBy: userId });
}
