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

/** What waits for a user: a client's authorization request, or a page of this server. */
export const requestSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("authorization"),
    clientId: z.string(),
    /** As received. They are checked against the client's current record at every resumption. */
    parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    /** The subject of its `id_token_hint`. The token is verified on arrival and not stored. */
    hintedSubject: z.string().nullable(),
    /** The digest of the `request_uri` that started it, which is spent together with the interaction. */
    requestUriDigest: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("own_page"),
    /** The path of the page. */
    returnTo: z.string(),
    /** Seconds within which the user must have signed in; null: at any time. */
    maxAge: z.int().nullable(),
  }),
]);
export type InteractionRequest = z.infer<typeof requestSchema>;
export type AuthorizationRequest = Extract<InteractionRequest, { kind: "authorization" }>;

/** The user who continues with the request. */
const userSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("nobody") }),
  /** They chose the session that there was. */
  z.object({ kind: z.literal("chosen"), sessionId: z.string() }),
  /** They authenticated in this interaction. */
  z.object({ kind: z.literal("authenticated"), sessionId: z.string() }),
]);

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

const version2Members = z.looseObject({
  clientId: z.string().nullable(),
  returnTo: z.string().nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  hintedSubject: z.string().nullable(),
  requestUriDigest: z.string().nullable(),
  sessionId: z.string().nullable(),
  authenticated: z.boolean(),
});

function withUnions(interaction: unknown): unknown {
  const { sessionId, authenticated, ...members } = version2Members.parse(interaction);
  const { clientId, returnTo, parameters, hintedSubject, requestUriDigest, ...rest } = members;
  const user = sessionId === null
    ? { kind: "nobody" }
    : { kind: authenticated ? "authenticated" : "chosen", sessionId };
  const others = { ...rest, user };
  if (clientId !== null) {
    const request = {
      kind: "authorization",
      clientId,
      parameters,
      hintedSubject,
      requestUriDigest,
    };
    return { ...others, request };
  }
  const maxAge = typeof parameters.max_age === "string" ? Number(parameters.max_age) : null;
  return { ...others, request: { kind: "own_page", returnTo: returnTo ?? "/account", maxAge } };
}

function withoutUnions({ request, user, ...rest }: Interaction): unknown {
  const others = {
    ...rest,
    sessionId: user.kind === "nobody" ? null : user.sessionId,
    authenticated: user.kind === "authenticated",
  };
  if (request.kind === "authorization") {
    const { kind: _, ...members } = request;
    return { ...others, ...members, returnTo: null };
  }
  const { returnTo, maxAge } = request;
  const parameters = maxAge === null ? {} : { max_age: String(maxAge) };
  const none = { clientId: null, hintedSubject: null, requestUriDigest: null };
  return { ...others, ...none, returnTo, parameters };
}

/** The client that asks; null: a page of this server does. */
export function clientIdOf({ request }: Interaction): string | null {
  return request.kind === "authorization" ? request.clientId : null;
}

/** The session of the user who continues with it; null: nobody does yet. */
export function sessionIdOf({ user }: Interaction): string | null {
  return user.kind === "nobody" ? null : user.sessionId;
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
  createdAt: number = tx.now,
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
export function passFirstFactor(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  firstFactor: FirstFactor | null,
) {
  tx.replace(interaction, { ...interaction.value, firstFactor });
}

/** Stores the user who continues with it. */
export function goOnAs(
  tx: Transaction,
  interaction: Fresh<Interaction>,
  user: Exclude<Interaction["user"], { kind: "nobody" }>,
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
