import { z } from "zod";
import { collection, type Fresh, type Present, type Ref, type Unspent } from "./collection.ts";
import type { Transaction } from "./transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** Of the browser's cookie; null until the first GET of a request that came by a cross-site POST. */
  browserDigest: z.string().nullable(),
  /** As they came; checked again, against the client of that moment, at every resumption. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Of the `request_uri` that began it; it is spent with this interaction. */
  requestUriDigest: z.string().nullable(),
  /** The session of who signed in, or chose to go on, in this interaction. */
  sessionId: z.string().nullable(),
  providerEpoch: z.int(),
  /** Whether that was a proof of who they are, not just a choice. */
  authenticated: z.boolean(),
  createdAt: z.int(),
  /** The grant (or error) it led to; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  /** Of a tombstone: where the code is that it led to, for a browser that repeats itself. */
  codeDigest: z.string().nullable(),
  expiresAt: z.int(),
});
export type Interaction = z.infer<typeof schema>;
const interactions = collection({ family: "interactions", version: 1, schema });

export function ref(interactionId: string): Ref<Interaction> {
  return interactions.ref(interactionId);
}

export function idOf(interaction: Present<Interaction>): string {
  return String(interaction.ref.key[1]);
}

/** Adds a pending authorization request, under a fresh random id. */
export function add(
  tx: Transaction,
  interactionId: string,
  interaction: Omit<Unspent<Interaction>, "codeDigest">,
) {
  tx.add(ref(interactionId), { ...interaction, spentBy: null, codeDigest: null });
}

/** Binds it to the browser whose GET came first. @returns it as it will be, for what the step does next */
export function bind(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  browserDigest: string,
): Fresh<Interaction> {
  const bound = { ...interaction, value: { ...interaction.value, browserDigest } };
  tx.replace(bound, bound.value);
  return bound;
}

/** Remembers who goes on with it. */
export function goOnAs(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  sessionId: string,
  authenticated: boolean,
) {
  tx.replace(interaction, { ...interaction.value, sessionId, authenticated });
}

/** Spends it in the commit that answers the client. */
export function consume(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  outcome: { spentBy: string; codeDigest: string | null },
) {
  tx.replace(interaction, { ...interaction.value, ...outcome });
}

/** Points a tombstone at the code that replaced its first one. */
export function recode(tx: Transaction, interaction: Present<Interaction>, codeDigest: string) {
  tx.replace(interaction, { ...interaction.value, codeDigest });
}
