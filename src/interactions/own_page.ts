import { createHash } from "node:crypto";
import { z } from "zod";
import { type Entry, isPresent } from "../../stores/engine/collection.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { fromBase64url, toBase64url, utf8 } from "../crypto/encoding.ts";
import type { Deps } from "../deps/deps.ts";
import { type CarriedRequest, carriedUntil } from "./carried.ts";
import type { SignInRequirement } from "./requirement.ts";

/** An interaction's request of a page of ours. */
export type OwnPageRequest = Extract<interactions.InteractionRequest, { kind: "own_page" }>;

/** A page of ours that wants to know who is there. */
export interface OwnPage {
  /** Its path; never from a query or a form. */
  readonly returnTo: string;
  /** Seconds within which the person must have signed in; null: whenever it was. */
  readonly maxAge: number | null;
  /** Epoch seconds. */
  readonly askedAt: number;
}

/**
 * What a page of our own asks for while the person signs in is an interaction like any other, but
 * without a client. Anybody may look at such a page, so looking stores nothing: the interaction's id says
 * what was asked for, with a MAC for the browser that asked. It becomes a record, under a shorter id,
 * when the first form of the sign-in is posted.
 *
 * @returns the interaction's id
 */
export async function ownPageId(
  { masterKey, random }: Pick<Deps, "masterKey" | "random">,
  browserDigest: string,
  { returnTo, maxAge, askedAt }: OwnPage,
): Promise<string> {
  // Random, as a browser may look at a page twice in a second, and each look is a sign-in of its own.
  const parts = [returnTo, maxAge, askedAt, toBase64url(random.bytes(9))];
  const payload = toBase64url(utf8(JSON.stringify(parts)));
  return `own.${payload}.${await masterKey.mac(macPurpose, message(browserDigest, payload))}`;
}

const macPurpose = "own_page_interaction";
const pattern = /^own\.([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{43})$/;
const payloadSchema = z.tuple([z.string(), z.int().nullable(), z.int(), z.string()]);

function message(browserDigest: string, payload: string): string {
  return JSON.stringify([browserDigest, payload]);
}

/** Whether a text has the form of an interaction's id: a random one, or one that says what it is for. */
export function isInteractionId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text) || pattern.test(text);
}

/** The id under which an interaction is, or will be, stored. */
export function recordIdOf(interactionId: string): string {
  if (!pattern.test(interactionId)) return interactionId;
  return createHash("sha256").update(interactionId).digest("base64url").slice(0, 22);
}

/** What an id of a page of ours says; null if it is another id, another browser's, or too old. */
export async function readOwnPageId(
  { masterKey, clock, config }: Pick<Deps, "masterKey" | "clock" | "config">,
  interactionId: string,
  browserDigest: string,
): Promise<OwnPage | null> {
  const [, payload, mac] = pattern.exec(interactionId) ?? [];
  if (payload === undefined || mac === undefined) return null;
  if (!await masterKey.verifyMac(macPurpose, message(browserDigest, payload), mac)) return null;
  const text = new TextDecoder().decode(fromBase64url(payload));
  const [returnTo, maxAge, askedAt] = payloadSchema.parse(JSON.parse(text));
  const isOld = clock.seconds() >= carriedUntil({ config }, askedAt);
  return isOld ? null : { returnTo, maxAge, askedAt };
}

/**
 * Stores the interaction of a page of ours, if it is not stored yet: a form was posted for it.
 *
 * @returns the id of its record, and what its browser carries from now on; of any other interaction the
 *   same id, and nothing is done
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

/** The interaction of a page of ours as it would be stored, where it is not stored yet. */
export function orOwnPage(
  deps: Pick<Deps, "config">,
  entry: Entry<Interaction>,
  asked: OwnPage | null,
  of: { readonly browserDigest: string; readonly provider: Provider; readonly now: number },
): Entry<Interaction> {
  if (isPresent(entry) || asked === null) return entry;
  const value = interactions.pending(pendingOf(deps, asked, of), asked.askedAt);
  return { ref: entry.ref, value, versionstamp: "" }; // no step can write it
}

function pendingOf(
  { config }: Pick<Deps, "config">,
  { returnTo, maxAge, askedAt }: OwnPage,
  { browserDigest, provider, now }: {
    readonly browserDigest: string;
    readonly provider: Provider;
    readonly now: number;
  },
): interactions.Pending {
  return {
    request: { kind: "own_page", returnTo, maxAge },
    browserDigest,
    providerEpoch: provider.epoch,
    // The page may have stayed open: its sign-in begins with its first form.
    expiresAt: Math.min(now + config.lifetimes.interaction, carriedUntil({ config }, askedAt)),
  };
}

/** What a page of our own asks of the sign-in. */
export function ownPageRequirement({ maxAge }: OwnPageRequest): SignInRequirement {
  return {
    anew: false,
    maxAge,
    chosen: false,
    subjects: [],
    acr: { values: [], essential: false },
  };
}
