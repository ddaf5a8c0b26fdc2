import { z } from "zod";
import {
  type Collection,
  collection,
  type Fresh,
  type Present,
  type Ref,
  type Unspent,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** Null: no client asks, but a page of our own. */
  clientId: z.string().nullable(),
  /** The page of our own that asks, as a path; null: a client does. */
  returnTo: z.string().nullable(),
  /** Of the browser's cookie; null until the first GET of a request that came by a cross-site POST. */
  browserDigest: z.string().nullable(),
  /** As they came; checked again, against the client of that moment, at every resumption. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** The subject of its `id_token_hint`, which is verified when it comes and not kept. */
  hintedSubject: z.string().nullable(),
  /** Of the `request_uri` that began it; it is spent with this interaction. */
  requestUriDigest: z.string().nullable(),
  /** The session of who signed in, or chose to go on, in this interaction. */
  sessionId: z.string().nullable(),
  providerEpoch: z.int(),
  /** Whether that was a proof of who they are, not just a choice. */
  authenticated: z.boolean(),
  /** Who has shown one of two factors in this interaction, and is signed in only with the other. */
  firstFactor: z.object({
    userId: z.string(),
    /** The person's, at that moment. */
    epoch: z.int(),
    /** @see RFC 8176 section 2 */
    amr: z.array(z.string()),
    at: z.int(),
  }).nullable(),
  createdAt: z.int(),
  /** The grant (or error) it led to; a record that has one is a tombstone. */
  spentBy: z.string().nullable(),
  /** Of a tombstone: where the code is that it led to, for a browser that repeats itself. */
  codeDigest: z.string().nullable(),
  expiresAt: z.int(),
});
export type Interaction = z.infer<typeof schema>;
export type FirstFactor = NonNullable<Interaction["firstFactor"]>;
const interactions = collection({
  family: "interactions",
  version: 2,
  schema,
  upgrades: {
    1: (interaction) => ({
      ...(typeof interaction === "object" ? interaction : null),
      returnTo: null,
      hintedSubject: null,
      firstFactor: null,
    }),
  },
});

export const all: Collection<Interaction> = interactions;

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
  interaction: Pending,
) {
  tx.add(ref(interactionId), pending(interaction, tx.now));
}

/** Adds one under an id that two requests may have; read it first. @throws {RecordExists} */
export function create(tx: Transaction, interactionId: string, interaction: Pending) {
  tx.create(ref(interactionId), pending(interaction, tx.now));
}

/** A request as it is when it comes. */
export function pending(interaction: Pending, createdAt: number): Interaction {
  return {
    returnTo: null,
    hintedSubject: null,
    sessionId: null,
    authenticated: false,
    firstFactor: null,
    codeDigest: null,
    ...interaction,
    createdAt,
    spentBy: null,
  };
}

/** What is known of a request when it comes; nobody has signed in for it yet. */
export type Pending =
  & Pick<
    Unspent<Interaction>,
    "clientId" | "browserDigest" | "parameters" | "requestUriDigest" | "providerEpoch" | "expiresAt"
  >
  & { readonly returnTo?: string; readonly hintedSubject?: string | null };

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

/** Remembers who has shown the first of two factors; whoever had before is forgotten. */
export function passFirstFactor(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  firstFactor: FirstFactor | null,
) {
  tx.replace(interaction, { ...interaction.value, firstFactor });
}

/** Remembers who goes on with it. */
export function goOnAs(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  sessionId: string,
  authenticated: boolean,
) {
  tx.replace(interaction, { ...interaction.value, sessionId, authenticated, firstFactor: null });
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
