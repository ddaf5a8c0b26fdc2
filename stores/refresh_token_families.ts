import { z } from "zod";
import { confirmationSchema, withConfirmation, withoutConfirmation } from "./confirmation.ts";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import { inPlaces } from "./engine/packing.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** The key that each refresh must prove; only for public clients. @see RFC 9449 section 5 */
  confirmation: confirmationSchema.nullable(),
  /** The generation of the newest token. An older one that is presented again is a sign of theft. */
  generation: z.int(),
  /** The newest token was never delivered, so a client that presents the previous one again is retrying. */
  undelivered: z.boolean(),
  /**
   * The generation that was presented to get the newest. It can be older than the one before, if that was
   * never delivered.
   */
  presented: z.int().default(0),
  /** The answer with the newest token, for a repeat within the client's grace period. */
  grace: z.object({
    requestDigest: z.string(),
    /** The key of the proof that came with the request; null in an answer stored by an earlier release. */
    confirmation: confirmationSchema.nullable(),
    /** Sealed with a key derived from the presented token. Empty: it can be made again. */
    sealedResponse: z.string(),
    /**
     * What it is made again from, beside the presented token. Without that token nobody can derive the id of
     * its ID token or the secret of its access token.
     */
    remaking: z.object({
      nonce: z.string(),
      /** When it was made, in epoch milliseconds. */
      milliseconds: z.int(),
      /** Of the answer without the signature of its ID token. What else it was made of may have changed. */
      digest: z.string(),
    }).optional(),
    expiresAt: z.int(),
  }).nullable(),
  createdAt: z.int(),
  /** When a token of it was last exchanged; null: never, or a release that did not record it. */
  lastUsedAt: z.int().nullable().default(null),
  /** Extended by each use, up to `endsAt`. */
  expiresAt: z.int(),
  endsAt: z.int(),
});
export type RefreshTokenFamily = z.infer<typeof schema>;
const families = collection({
  family: "refresh_token_families",
  version: 2,
  schema,
  packing: inPlaces<RefreshTokenFamily>({
    expiresAt: 1,
    clientId: 2,
    confirmation: 3,
    generation: 4,
    undelivered: 5,
    presented: 6,
    grace: 7,
    createdAt: 8,
    lastUsedAt: 9,
    endsAt: 10,
  }),
  upgrades: {
    1: (record) => {
      const { grace, ...family } = withConfirmation(record);
      return { ...family, grace: grace === null ? null : withConfirmation(grace) };
    },
  },
  // Until the next release: the previous one cannot read version 2 (migrations/README.md).
  writes: {
    version: 1,
    downgrade: ({ grace, ...family }) => ({
      ...withoutConfirmation(family),
      grace: grace === null ? null : withoutConfirmation(grace),
    }),
  },
});

/** The place of a grant's family. A grant has at most one, with the same id. */
export function ref(grantId: string): Ref<RefreshTokenFamily> {
  return families.ref(grantId);
}

/** Adds the family of a grant that has none. */
export function add(tx: Transaction, grantId: string, family: RefreshTokenFamily) {
  tx.add(ref(grantId), family);
}

/** Makes the next generation the newest: all earlier tokens are spent. */
export function rotate(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  changes: Pick<RefreshTokenFamily, "expiresAt" | "grace" | "presented">,
): RefreshTokenFamily {
  const generation = family.value.generation + 1;
  const rotated = {
    ...family.value,
    ...changes,
    generation,
    lastUsedAt: tx.now,
    undelivered: false,
  };
  tx.replace(family, rotated);
  tx.ifUndelivered(async (later) => {
    const { family: now } = await later.read({ family: family.ref });
    if (now.value === null || now.value.generation !== generation) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
  return rotated;
}

/** Extends a family whose token stays the same. */
export function extend(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  expiresAt: number,
): RefreshTokenFamily {
  const extended = { ...family.value, expiresAt, lastUsedAt: tx.now };
  tx.replace(family, extended);
  return extended;
}
