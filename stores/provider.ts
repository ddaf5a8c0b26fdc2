import { z } from "zod";
import { authorizationDetailTypeSchema } from "./authorization_detail_types.ts";
import { customClaimSchema } from "./custom_claims.ts";
import { publicJwkSchema } from "./public_jwk.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { type Entries, named, type Refs, type Transaction } from "./engine/transaction.ts";
import * as sessionEnds from "./session_ends.ts";

/** The algorithms that every server has keys of, from its first start on. */
export const firstAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
/**
 * JWS algorithms that this server signs with. `Ed25519` is the newer name of `EdDSA`: a client gets the one
 * that it registers.
 * @see RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864 section 2.2
 */
export const signingAlgorithms = [
  ...["RS256", "RS384", "RS512"] as const,
  ...["PS256", "PS384", "PS512"] as const,
  ...["ES256", "ES384", "ES512"] as const,
  ...["EdDSA", "Ed25519"] as const,
] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** Those of the algorithms that work in this runtime: Deno 2.5 has no P-521, and no way to ask for it. */
export function usable<Algorithm extends string>(
  algorithms: readonly Algorithm[],
): readonly Algorithm[] {
  return hasP521() ? algorithms : algorithms.filter((alg) => alg !== "ES512");
}

function hasP521(): boolean {
  const { supports }: { prototype: SubtleCrypto; supports?: unknown } = SubtleCrypto;
  if (typeof supports !== "function") return false;
  return supports.call(SubtleCrypto, "generateKey", { name: "ECDSA", namedCurve: "P-521" }) ===
    true;
}

/** Keys of the other algorithms are made when a client first registers for one. */
const later = z.string().optional();
const activeKeysSchema = z.object(
  {
    RS256: z.string(),
    ES256: z.string(),
    EdDSA: z.string(),
    RS384: later,
    RS512: later,
    PS256: later,
    PS384: later,
    PS512: later,
    ES384: later,
    ES512: later,
    Ed25519: later,
  } satisfies Record<SigningAlgorithm, z.ZodType>,
);

const issuerSource = {
  issuer: z.string(),
  /** Its keys; null: they are at `jwksUri`, or where its metadata say. */
  jwks: z.object({ keys: z.array(publicJwkSchema) }).nullable(),
  jwksUri: z.string().nullable(),
};

/** What may be exchanged for a token: an identity assertion for this server, or any JWT. */
export const assertionKinds = ["id-jag", "jwt"] as const;

/** What the record about the server says of another authorization server whose assertions are accepted. */
const trustedIssuerSchema = z.object({
  ...issuerSource,
  /** Random: one that is deleted and added again has another. Absent: an earlier release stored it. */
  id: z.string().optional(),
  /** The clients that may present them. */
  clients: z.array(z.string()),
  assertions: z.array(z.enum(assertionKinds)),
  /** Pairs: the subject there, and the id of our user. */
  users: z.array(z.tuple([z.string(), z.string()])),
  usernameClaim: z.string().nullable(),
  emailDomains: z.array(z.string()).nullable(),
});
export type StoredTrustedIssuer = z.infer<typeof trustedIssuerSchema>;

/** What it says of an issuer of tokens for workloads. */
const workloadIssuerSchema = z.object({
  ...issuerSource,
  reusable: z.boolean(),
  /** Seconds. */
  longestLifetime: z.int(),
});
export type StoredWorkloadIssuer = z.infer<typeof workloadIssuerSchema>;

const schema = z.object({
  /** Raised when a backup was restored: every record that stores an older epoch is invalid. */
  epoch: z.int(),
  /**
   * When a backup was last restored, in epoch seconds; null: never. What others signed and could use before
   * then is refused, because its trace may be missing.
   */
  restoredAt: z.int().nullable().default(null),
  /**
   * The `kid` of the signing key of each algorithm. Each step that issues something signed checks this
   * record.
   */
  activeKeys: activeKeysSchema,
  /** Sealed with the master key, so that a start with another key is refused. */
  masterKeyProof: z.string(),
  /**
   * The claims that operators have added. They stand here because whoever tells claims has read this
   * record anyway.
   */
  customClaims: z.array(customClaimSchema).default([]),
  /** Types of authorization details, here for the same reason. @see RFC 9396 */
  authorizationDetailTypes: z.array(authorizationDetailTypeSchema).default([]),
  /** Issuers beside those of the configuration, here for the same reason: who they are for reads this. */
  trustedIssuers: z.array(trustedIssuerSchema).default([]),
  workloadIssuers: z.array(workloadIssuerSchema).default([]),
  createdAt: z.int(),
});
export type Provider = z.infer<typeof schema>;
const providers = collection({ family: "provider", version: 1, schema });

export const all: Collection<Provider> = providers;

const place = named(providers.ref());

/** The place of the single record about the server itself. */
export function ref(): Ref<Provider> {
  return place;
}

/**
 * Like `tx.read`, and also reads the record about the server: every step that issues something, or asks
 * whether something is valid, needs it.
 * @throws if the first start never finished
 */
export async function read<R extends Refs>(
  tx: Transaction,
  refs: R,
  prefetched: readonly Ref<unknown>[] = [],
): Promise<Entries<R> & { readonly provider: Provider }> {
  const found = await tx.read(refs, [ref(), ...prefetched]);
  return { ...found, provider: assertProvider(tx.fetched(ref())) };
}

/** The record; it exists since the first start. @throws if the first start never finished */
export function assertProvider(entry: Entry<Provider>): Provider {
  if (entry.value !== null) return entry.value;
  throw new Error("the store has no provider record: the first boot did not finish");
}

/** The record, in a step that has read it. */
export function fetched(tx: Transaction): Provider {
  return assertProvider(tx.fetched(ref()));
}

export function create(tx: Transaction, provider: Provider) {
  tx.create(ref(), provider);
}

/** The algorithms that this server has keys of, in the order of `signingAlgorithms`. */
export function algorithmsInUse({ activeKeys }: Pick<Provider, "activeKeys">): SigningAlgorithm[] {
  return signingAlgorithms.filter((alg) => activeKeys[alg] !== undefined);
}

/** Makes other keys the signing keys, from this commit on. */
export function activateKeys(
  tx: Transaction,
  provider: Present<Provider>,
  keys: Partial<Record<SigningAlgorithm, string>>,
) {
  const activeKeys = { ...provider.value.activeKeys, ...keys };
  tx.replace(provider, { ...provider.value, activeKeys });
}

/** Sets lists that operators keep. */
export function setLists(
  tx: Transaction,
  provider: Present<Provider>,
  lists: Partial<
    Pick<
      Provider,
      "customClaims" | "authorizationDetailTypes" | "trustedIssuers" | "workloadIssuers"
    >
  >,
) {
  tx.replace(provider, { ...provider.value, ...lists });
}

/** Invalidates what a restored backup brought back, in one write. @returns the new epoch */
export function raiseEpoch(tx: Transaction, provider: Present<Provider>): number {
  const epoch = provider.value.epoch + 1;
  tx.replace(provider, { ...provider.value, epoch, restoredAt: tx.now });
  sessionEnds.addSweep(tx, null);
  return epoch;
}

/** Stores the proof of the new master key, after a rotation. */
export function keepMasterKeyProof(tx: Transaction, provider: Present<Provider>, proof: string) {
  tx.replace(provider, { ...provider.value, masterKeyProof: proof });
}
