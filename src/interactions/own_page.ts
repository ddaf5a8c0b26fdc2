import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import type { SignInRequirement } from "./requirement.ts";

export interface OwnPageRequest {
  readonly origin: Origin;
  readonly browserDigest: string;
  /** The path of the page of ours that wants to know who is there; never from a query or a form. */
  readonly returnTo: string;
  /** Seconds within which the person must have signed in; null: whenever it was. */
  readonly maxAge: number | null;
}

/**
 * Keeps what a page of our own asks for while the person signs in: an interaction like any other, but
 * without a client, that ends at that page.
 *
 * @returns the interaction's id
 */
export async function beginOwnPageSignIn(deps: Deps, request: OwnPageRequest): Promise<string> {
  const { origin, browserDigest, returnTo, maxAge } = request;
  return await deps.kv.step(origin, async (tx) => {
    const { provider } = await providers.read(tx, {});
    const interactionId = randomId(tx.random);
    interactions.add(tx, interactionId, {
      clientId: null,
      returnTo,
      browserDigest,
      parameters: maxAge === null ? {} : { max_age: String(maxAge) },
      requestUriDigest: null,
      providerEpoch: provider.epoch,
      expiresAt: tx.now + deps.config.lifetimes.interaction,
    });
    return interactionId;
  });
}

/** What a page of our own asks of the sign-in. */
export function ownPageRequirement({ parameters }: Interaction): SignInRequirement {
  return {
    anew: false,
    maxAge: typeof parameters.max_age === "string" ? Number(parameters.max_age) : null,
    chosen: false,
    subjects: [],
    acr: { values: [], essential: false },
  };
}
