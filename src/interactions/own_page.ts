import { z } from "zod";
import { type Entry, isPresent } from "../../stores/engine/collection.ts";
import type { InteractionRequest } from "../../stores/interaction_request.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { publicSubjects } from "../claims/subject.ts";
import { digestNow } from "../crypto/digest.ts";
import { fromBase64url, toBase64url, utf8 } from "../crypto/encoding.ts";
import { isRandomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type Acr, acrValues } from "../protocol/acr.ts";
import { type CarriedRequest, carriedUntil } from "./carried.ts";
import type { SignInRequirement } from "./requirement.ts";

/** An interaction's request for a page of this server. */
export type OwnPageRequest = Extract<InteractionRequest, { kind: "own_page" }>;

/** A page of this server that needs a signed-in user. */
export interface OwnPage {
  /** Its path. It never comes from a query or a form. */
  readonly returnTo: string;
  /** Seconds within which the user must have signed in; null: at any time. */
  readonly maxAge: number | null;
  /** The least acr of the sign-in; null: any. */
  readonly acr: Acr | null;
  /** Epoch seconds. */
  readonly askedAt: number;
}

/**
 * The request of a page of this server, while the user signs in, is an interaction like any other, but
 * without a client. Anybody may open such a page, so opening it stores nothing: the id of the
 * interaction contains the request, with a MAC for the browser. It becomes a record, under a shorter
 * id, when the first form of the sign-in is posted.
 *
 * @returns the interaction's id
 */
export async function ownPageId(
  { masterKey, random }: Pick<Deps, "masterKey" | "random">,
  browserDigest: string,
  { returnTo, maxAge, acr, askedAt }: OwnPage,
): Promise<string> {
  // Random, because a browser may open a page twice in a second, and each time is its own sign-in.
  const parts = [returnTo, maxAge, askedAt, toBase64url(random.bytes(9)), ...acr ? [acr] : []];
  const payload = toBase64url(utf8(JSON.stringify(parts)));
  return `own.${payload}.${await masterKey.mac(macPurpose, message(browserDigest, payload))}`;
}

const macPurpose = "own_page_interaction";
const pattern = /^own\.([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{43})$/;
const payloadSchema = z.tuple(
  [z.string(), z.int().nullable(), z.int(), z.string()],
  z.enum(acrValues),
);

function message(browserDigest: string, payload: string): string {
  return JSON.stringify([browserDigest, payload]);
}

/**
 * Whether a text has the form of an interaction's id: a random id, or an id that contains the request
 * of a page.
 */
export function isInteractionId(text: string): boolean {
  return isRandomId(text) || pattern.test(text);
}

/** The id under which an interaction is, or will be, stored. */
export function recordIdOf(interactionId: string): string {
  if (!pattern.test(interactionId)) return interactionId;
  return digestNow(interactionId).slice(0, 22);
}

/**
 * The request in the id of a page's interaction; null if it is another kind of id, another browser's,
 * or too old.
 */
export async function readOwnPageId(
  { masterKey, clock, config }: Pick<Deps, "masterKey" | "clock" | "config">,
  interactionId: string,
  browserDigest: string,
): Promise<OwnPage | null> {
  const [, payload, mac] = pattern.exec(interactionId) ?? [];
  if (payload === undefined || mac === undefined) return null;
  if (!await masterKey.verifyMac(macPurpose, message(browserDigest, payload), mac)) return null;
  const text = new TextDecoder().decode(fromBase64url(payload));
  const [returnTo, maxAge, askedAt, _, acr = null] = payloadSchema.parse(JSON.parse(text));
  const isOld = clock.seconds() >= carriedUntil({ config }, askedAt);
  return isOld ? null : { returnTo, maxAge, acr, askedAt };
}

/**
 * Stores the interaction of a page of this server if it is not stored yet: a form was posted for it.
 *
 * @returns the id of its record, and the value for the browser's cookie. For any other interaction,
 *   the same id, and nothing is stored.
 */
export async function keepOwnPage(
  deps: Deps,
  { origin, interactionId, browserDigest }: {
    readonly origin: Origin;
    readonly interactionId: string;
    readonly browserDigest: string;
  },
): Promise<{ readonly recordId: string; readonly carried: CarriedRequest | null }> {
  const recordId = recordIdOf(interactionId);
  const asked = await readOwnPageId(deps, interactionId, browserDigest);
  if (asked === null) return { recordId, carried: null };
  return await deps.kv.step(origin, async (tx) => {
    const { provider, interaction } = await providers.read(tx, {
      interaction: interactions.ref(recordId),
    });
    if (isPresent(interaction)) return { recordId, carried: null };
    const own = pendingOf(deps, asked, { browserDigest, provider, now: tx.now });
    const createdAt = asked.askedAt;
    interactions.create(tx, recordId, own, createdAt);
    const { request, providerEpoch } = own;
    const carried = { interactionId: recordId, request, browserDigest, providerEpoch, createdAt };
    return { recordId, carried };
  });
}

/** The interaction of a page of this server as it would be stored, if it is not stored yet. */
export function orOwnPage(
  deps: Pick<Deps, "config">,
  entry: Entry<Interaction>,
  asked: OwnPage | null,
  of: { readonly browserDigest: string; readonly provider: Provider; readonly now: number },
): Entry<Interaction> {
  if (isPresent(entry) || asked === null) return entry;
  const value = interactions.pending(pendingOf(deps, asked, of), asked.askedAt);
  return { ref: entry.ref, value, versionstamp: "" }; // a step cannot write this entry
}

function pendingOf(
  { config }: Pick<Deps, "config">,
  { returnTo, maxAge, acr, askedAt }: OwnPage,
  { browserDigest, provider, now }: {
    readonly browserDigest: string;
    readonly provider: Provider;
    readonly now: number;
  },
): interactions.Pending {
  return {
    request: { kind: "own_page", returnTo, maxAge, acr },
    browserDigest,
    providerEpoch: provider.epoch,
    // The page may have been open for long. Its sign-in begins with its first form.
    expiresAt: Math.min(now + config.lifetimes.interaction, carriedUntil({ config }, askedAt)),
  };
}

/** The requirement of a page of this server. */
export function ownPageRequirement({ maxAge, acr }: OwnPageRequest): SignInRequirement {
  return {
    anew: false,
    maxAge,
    chosen: false,
    subjects: [],
    subjectOf: publicSubjects,
    acr: acr === null ? { lists: [], essential: false } : { lists: [[acr]], essential: true },
  };
}
