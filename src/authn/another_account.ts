import * as interactions from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import { isFresh } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnInteraction } from "../interactions/own_interaction.ts";
import { liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { PendingRequest } from "./pending_sign_in.ts";

/**
 * Lets the signed-in user sign in with another account for a pending request. It stays as it is: the
 * sign-in page has a way back, and ends nothing.
 *
 * @throws {OAuthError} if the request is another browser's
 */
export async function useAnotherAccount(
  deps: Deps,
  { origin, interactionId, browserDigest, session }: PendingRequest & { readonly origin: Origin },
): Promise<void> {
  await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, {
      interaction: interactions.ref(interactionId),
      ...sessionRefs(session),
    });
    const { provider } = first;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    const live = liveSession(session, first);
    // A finished request, or one whose user has signed out: its next page says so.
    if (live === null || !isFresh(interaction)) return;
    interactions.setUser(tx, interaction, { kind: "another", sessionId: live.id });
  });
}
