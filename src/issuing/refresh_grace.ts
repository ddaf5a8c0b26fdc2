import type { Present } from "../../stores/engine/collection.ts";
import { ascendingIds } from "../../stores/engine/ids.ts";
import type { Client } from "../../stores/clients.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Caller } from "../callers/caller.ts";
import { refreshGracePeriod } from "../clients/profile.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { derivedRandom } from "../crypto/derived_random.ts";
import { digestNow } from "../crypto/digest.ts";
import { randomId } from "../crypto/random.ts";
import { openWith, sealFor } from "../crypto/response_sealing.ts";
import { type Binding, confirms } from "../tokens/confirmation.ts";
import type { Audience } from "../grantable/audience.ts";
import type { RefreshToken } from "../tokens/refresh_token.ts";
import type { TokenResponse } from "./token_response.ts";

/** The parameters of a refresh. */
interface RefreshParameters {
  readonly refresh_token: string;
  readonly scope?: readonly string[] | undefined;
  readonly resource: readonly string[];
  readonly authorization_details?: string | undefined;
  readonly device_secret?: string | undefined;
}

/** Issues what a request gets. */
export type IssueAgain = (tx: Transaction) => Promise<TokenResponse>;

/**
 * The answer that a refresh got before, if the same request comes again within the client's grace
 * period. Null for another request or another token, or if it is too late. Nothing new is issued. So a
 * thief who repeats the request gets only what the client has, and the thief's next use is detected.
 */
export async function repeatedResponse(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  binding: Binding,
  params: RefreshParameters,
  issueAgain: IssueAgain,
): Promise<TokenResponse | null> {
  const { grace, presented, undelivered } = family.value;
  if (grace === null || token.generation !== presented) return null;
  // An answer that was lost at first may have been delivered to a repeat since. With a second answer
  // beside it, the client that has the first one would look like a thief.
  if (grace.expiresAt <= tx.now && !undelivered) return null;
  if (!constantTimeEqual(grace.requestDigest, requestDigest(binding, params))) return null;
  const { remaking, sealedResponse } = grace;
  if (remaking !== undefined) return await madeAgain(tx, family, remaking, params, issueAgain);
  return JSON.parse(openWith(params.refresh_token, sealedResponse));
}

/**
 * Whether a replaced token may be presented once more. A client may ask for tokens of several resources
 * or scopes at the same moment, with one refresh token. Each request gets an access token for what it
 * asks, and the newest refresh token, which is not replaced again. A proof must be of the same key.
 */
export function isWithinGrace(
  tx: Transaction,
  family: Present<RefreshTokenFamily>,
  token: RefreshToken,
  caller: Caller,
): boolean {
  const { grace, presented } = family.value;
  if (grace === null || token.generation !== presented || grace.expiresAt <= tx.now) return false;
  return confirms(caller, grace.confirmation);
}

/** How the tokens of an answer are made, and how a repeat gets it. */
export interface Kept {
  /** To issue the tokens with. */
  readonly tx: Transaction;
  /** Null: the client's metadata allows no repeats. */
  keep(response: TokenResponse): RefreshTokenFamily["grace"];
}

/**
 * Prepares to keep an answer for repeats. An opaque access token and the id of an ID token are derived from
 * the presented token, so that a repeat can make them again. Any other answer is sealed: a JWT access token
 * has its id in its record, encryption is never the same twice, and a repeat may name scopes in another
 * order. On a shared store the previous release may answer the repeat, and it reads only sealed ones.
 */
export function keptForRepeats(
  tx: Transaction,
  { client, binding, audience }: {
    readonly client: Client;
    readonly binding: Binding;
    readonly audience: Pick<Audience, "format">;
  },
  params: RefreshParameters,
): Kept {
  const period = refreshGracePeriod(client);
  if (period === 0) return { tx, keep: () => null };
  const asked = requestDigest(binding, params);
  const isDerived = tx.isLocal && asked === plainDigest && audience.format === "opaque" &&
    client.idTokenEncryptedResponseAlg === null;
  const nonce = isDerived ? randomId(tx.random) : "";
  return {
    tx: isDerived ? withDerivedIds(tx, params, nonce, tx.milliseconds) : tx,
    keep(response) {
      const kept = {
        requestDigest: asked,
        confirmation: binding.confirmation,
        sealedResponse: "",
        expiresAt: tx.now + period,
      };
      if (!isDerived || response.device_secret !== undefined) {
        const text = JSON.stringify(response);
        return { ...kept, sealedResponse: sealFor(tx.random, params.refresh_token, text) };
      }
      const { milliseconds } = tx;
      return { ...kept, remaking: { nonce, milliseconds, digest: unsignedDigest(response) } };
    },
  };
}

/**
 * The answer as it was, with its ID token signed again; null if something that it was made of has changed
 * since. The request is then one of those that `isWithinGrace` allows.
 */
async function madeAgain(
  tx: Transaction,
  { value: { lastUsedAt } }: Present<RefreshTokenFamily>,
  { nonce, milliseconds, digest }: Remaking,
  params: RefreshParameters,
  issueAgain: IssueAgain,
): Promise<TokenResponse | null> {
  const now = lastUsedAt ?? Math.floor(milliseconds / 1000);
  const derived = withDerivedIds(tx, params, nonce, milliseconds);
  const dry = { ...derived, now, milliseconds, add: () => {} }; // the tokens have their records
  const response = await issueAgain(dry);
  return constantTimeEqual(digest, unsignedDigest(response)) ? response : null;
}

/** Of all but the signature of the ID token: most algorithms make another one each time. */
function unsignedDigest({ id_token: idToken, ...others }: TokenResponse): string {
  const signed = idToken?.slice(0, idToken.lastIndexOf("."));
  return digestNow(JSON.stringify({ ...others, id_token: signed }));
}

type Remaking = NonNullable<NonNullable<RefreshTokenFamily["grace"]>["remaking"]>;

/** The same step, whose ids of tokens and whose secrets follow from the presented token. */
function withDerivedIds(
  tx: Transaction,
  { refresh_token: presented }: RefreshParameters,
  nonce: string,
  milliseconds: number,
): Transaction {
  return { ...tx, ids: ascendingIds(derivedRandom(presented, nonce), milliseconds) };
}

/**
 * Two requests are the same if these values are equal. The client was compared already, by its family.
 */
function requestDigest(
  { confirmation }: Binding,
  { scope, resource, authorization_details: details, device_secret: secret }: RefreshParameters,
): string {
  const { jkt = null, "x5t#S256": certificate } = confirmation ?? {};
  const keys = certificate === undefined ? [jkt] : [jkt, certificate];
  const asked = [[...(scope ?? [])].sort(), [...resource].sort(), ...keys];
  const others = { details, secret }; // in JSON those that are undefined are left out
  const hasOthers = details !== undefined || secret !== undefined;
  const text = JSON.stringify(hasOthers ? [...asked, others] : asked);
  return text === plain ? plainDigest ??= digestNow(plain) : digestNow(text);
}

/** Most requests ask for nothing, and prove no key. */
const plain = JSON.stringify([[], [], null]);
let plainDigest: string | undefined;
