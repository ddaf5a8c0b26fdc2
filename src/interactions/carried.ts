import { z } from "zod";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { requestSchema } from "../../stores/interaction_request.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Config } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * A request in the cookie of its browser, sealed, so that a page may stay open longer than its
 * interaction lives. It contains nothing that the user did: a user who signs in for it later starts
 * anew.
 */
export const carriedSchema = z.object({
  /** The id of the interaction's record. */
  interactionId: z.string(),
  request: requestSchema,
  /** The browser that the request belongs to. */
  browserDigest: z.string(),
  providerEpoch: z.int(),
  /** Epoch seconds. */
  createdAt: z.int(),
});
export type CarriedRequest = z.infer<typeof carriedSchema>;

/** Seconds for which the browser keeps a request after its interaction has ended: a working day. */
export const carriedLifetime = 8 * 60 * 60;

type Lifetimes = { readonly config: Pick<Config, "lifetimes"> };

/**
 * Epoch seconds after which a request can no longer be restored. Restoring it does not change this
 * time.
 */
export function carriedUntil({ config }: Lifetimes, createdAt: number): number {
  return createdAt + config.lifetimes.interaction + carriedLifetime;
}

/** The value for the cookie of an interaction's browser; null: no browser is bound to it yet. */
export function carriedOf(interaction: Present<Interaction>): CarriedRequest | null {
  const { request, browserDigest, providerEpoch, createdAt } = interaction.value;
  if (browserDigest === null) return null;
  const interactionId = interactions.idOf(interaction);
  return { interactionId, request, browserDigest, providerEpoch, createdAt };
}

/**
 * Stores the interaction of a carried request again, under its id, if it is gone. Each resumption
 * checks the request against the client's current record, so nothing that was withdrawn comes back.
 *
 * A pushed request stays single-use: the tombstone of its `request_uri` outlives every interaction that
 * can be restored for it.
 *
 * @returns false if the request was carried too long, or before a backup was restored
 */
export async function restoreRequest(
  deps: Deps,
  { origin, carried }: { readonly origin: Origin; readonly carried: CarriedRequest },
): Promise<boolean> {
  const { interactionId, request, browserDigest, providerEpoch, createdAt } = carried;
  return await deps.kv.step(origin, async (tx) => {
    const { provider, interaction } = await providers.read(tx, {
      interaction: interactions.ref(interactionId),
    });
    const until = carriedUntil(deps, createdAt);
    if (provider.epoch !== providerEpoch || until <= tx.now) return false;
    if (isPresent(interaction)) return true; // by a second click
    const expiresAt = Math.min(tx.now + deps.config.lifetimes.interaction, until);
    const restored = { request, browserDigest, providerEpoch, expiresAt };
    interactions.create(tx, interactionId, restored, createdAt);
    return true;
  });
}
