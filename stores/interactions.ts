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
import {
  type InteractionUser,
  requestSchema,
  userSchema,
  withoutUnions,
  withUnions,
} from "./interaction_request.ts";

const schema = z.object({
  request: requestSchema,
  /** The digest of the browser's cookie; null until the first GET after a cross-site POST. */
  browserDigest: z.string().nullable(),
  user: userSchema,
  providerEpoch: z.int(),
  /** The user who has shown one of two factors in this interaction. Only the second factor signs them in. */
  firstFactor: z.object({
    userId: z.string(),
    /** The user's epoch at that moment. */
    epoch: z.int(),
    /** @see RFC 8176 section 2 */
    amr: z.array(z.string()),
    at: z.int(),
  }).nullable(),
  createdAt: z.int(),
  /** The grant or error that it led to. With it, the record is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the digest of the resulting code, for a browser that repeats its request. */
  codeDigest: z.string().nullable(),
  expiresAt: z.int(),
});
export type Interaction = z.infer<typeof schema>;
export type FirstFactor = NonNullable<Interaction["firstFactor"]>;
const interactions = collection({
  family: "interactions",
  version: 3,
  schema,
  upgrades: {
    1: (interaction) => ({
      ...(typeof interaction === "object" ? interaction : null),
      returnTo: null,
      hintedSubject: null,
      firstFactor: null,
    }),
    2: withUnions,
  },
  // The previous release reads version 2.
  writes: { version: 2, downgrade: withoutUnions },
});

export const all: Collection<Interaction> = interactions;

export function ref(interactionId: string): Ref<Interaction> {
  return interactions.ref(interactionId);
}

export function idOf(interaction: Present<Interaction>): string {
  return String(interaction.ref.key[1]);
}

/** The client that asks; null: a page of this server does. */
export function clientIdOf({ request }: Interaction): string | null {
  return request.kind === "own_page" ? null : request.clientId;
}

/** The languages that its client asks for; undefined: none, or a page of this server asks. */
export function uiLocalesOf({ request }: Interaction): string | undefined {
  if (request.kind === "own_page") return undefined;
  const { ui_locales: uiLocales } = request.parameters;
  return typeof uiLocales === "string" ? uiLocales : undefined;
}

/** The session of the user who continues with it; null: nobody does yet. */
export function sessionIdOf({ user }: Interaction): string | null {
  return user.kind === "nobody" || user.kind === "another" ? null : user.sessionId;
}

/** Adds a pending authorization request, under a fresh random id. */
export function add(
  tx: Transaction,
  interactionId: string,
  interaction: Pending,
) {
  tx.add(ref(interactionId), pending(interaction, tx.now));
}

/** Adds a request under an id that two requests may share; read it first. @throws {RecordExists} */
export function create(
  tx: Transaction,
  interactionId: string,
  interaction: Pending,
  createdAt: number,
) {
  tx.create(ref(interactionId), pending(interaction, createdAt));
}

/** A new request as it is stored. */
export function pending(interaction: Pending, createdAt: number): Interaction {
  return {
    user: { kind: "nobody" },
    firstFactor: null,
    codeDigest: null,
    ...interaction,
    createdAt,
    spentBy: null,
  };
}

/** The data of a new request; no user has signed in for it yet. */
export type Pending = Pick<
  Unspent<Interaction>,
  "request" | "browserDigest" | "providerEpoch" | "expiresAt"
>;

/** Binds it to the browser that sends the first GET. @returns the new record, for the rest of the step */
export function bind(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  browserDigest: string,
): Fresh<Interaction> {
  const bound = { ...interaction, value: { ...interaction.value, browserDigest } };
  tx.replace(bound, bound.value);
  return bound;
}

/** Stores the user who has shown the first of two factors, and replaces an earlier one. */
export function keepFirstFactor(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  firstFactor: FirstFactor | null,
) {
  tx.replace(interaction, { ...interaction.value, firstFactor });
}

/** Stores the user who continues with it. */
export function setUser(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  user: Exclude<InteractionUser, { kind: "nobody" }>,
) {
  tx.replace(interaction, { ...interaction.value, user, firstFactor: null });
}

/** Spends it, in the commit that answers the client. */
export function consume(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  outcome: { spentBy: string; codeDigest: string | null },
) {
  tx.replace(interaction, { ...interaction.value, ...outcome });
}

/** Makes a tombstone name the code that replaced its first one. */
export function recode(tx: Transaction, interaction: Present<Interaction>, codeDigest: string) {
  tx.replace(interaction, { ...interaction.value, codeDigest });
}
