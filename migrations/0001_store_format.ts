import { z } from "zod";
import { collection } from "../stores/engine/collection.ts";
import type { Migration } from "./migration.ts";

const storeFormat = collection({
  family: "store_format",
  version: 1,
  schema: z.object({ product: z.literal("latchkey"), format: z.int(), createdAt: z.int() }),
});

/**
 * Signs the store. Whoever finds it later, in a backup or behind a URL, can tell whose it is and since
 * when; a store that some other `store_format` has signed is left alone.
 */
export const migration: Migration = {
  description: "sign the store with its format",
  worksFrom: 1,
  run: (context) =>
    context.step(async (tx) => {
      const { signed } = await tx.read({ signed: storeFormat.ref() });
      if (signed.value !== null) return;
      tx.create(signed.ref, { product: "latchkey", format: 1, createdAt: tx.now });
    }),
};
