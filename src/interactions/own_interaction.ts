import type { Entry, Present } from "../../stores/engine/collection.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import { OAuthError } from "../protocol/errors.ts";

/**
 * Ensures that a browser continues only its own request. Otherwise a sign-in that an attacker began in
 * their own browser could end in the victim's browser (session fixation), or the other way round. A
 * request that is not bound to a browser yet belongs to nobody: only `resumeAuthorization` binds it.
 *
 * @throws {OAuthError} `invalid_request`, the same for an unknown, an expired and another browser's
 *   interaction
 */
export function assertOwnInteraction(
  entry: Entry<Interaction>,
  { browserDigest, provider }: { readonly browserDigest: string; readonly provider: Provider },
): Present<Interaction> {
  if (isOwnInteraction(entry, { browserDigest, provider })) return entry;
  if (entry.value === null) throw new InteractionGone(String(entry.ref.key[1]));
  throw new OAuthError("invalid_request", notOwn, { situation: "other_browser" });
}

const notOwn =
  "this sign-in was not started in this browser, or took too long: start again at the application";

/**
 * The interaction does not exist, or no longer. A browser that carries its request continues. Every
 * other browser gets the same answer as for another browser's interaction.
 */
export class InteractionGone extends OAuthError {
  override readonly name = "InteractionGone";
  constructor(readonly interactionId: string) {
    super("invalid_request", notOwn, { situation: "other_browser" });
  }
}

/** Reads the request that a browser continues. @throws {OAuthError} as `assertOwnInteraction` */
export async function readOwnInteraction(
  tx: Transaction,
  { interactionId, browserDigest }: {
    readonly interactionId: string;
    readonly browserDigest: string;
  },
): Promise<Present<Interaction>> {
  const { interaction, provider } = await providers.read(tx, {
    interaction: interactions.ref(interactionId),
  });
  return assertOwnInteraction(interaction, { browserDigest, provider });
}

/** Whether a request is or was pending in this browser. */
export function isOwnInteraction(
  entry: Entry<Interaction>,
  { browserDigest, provider }: { readonly browserDigest: string; readonly provider: Provider },
): entry is Present<Interaction> {
  const interaction = entry.value;
  return interaction !== null && interaction.providerEpoch === provider.epoch &&
    interaction.browserDigest !== null &&
    constantTimeEqual(interaction.browserDigest, browserDigest);
}

/**
 * The request has continued since this page was made, in another tab or by an earlier click. The
 * browser is redirected to /authorize/resume, which decides what comes next.
 */
export class RequestWentOn extends OAuthError {
  override readonly name = "RequestWentOn";
  constructor(readonly interactionId: string) {
    super("invalid_request", "this sign-in went on since the page was opened: reload the page", {
      situation: "interaction_finished",
    });
  }
}

/**
 * A finished request cannot continue, because it has been answered. Its page has a link back to the
 * application.
 */
export class RequestFinished extends OAuthError {
  override readonly name = "RequestFinished";
  constructor(readonly application: { readonly name: string; readonly url: string } | null) {
    super(
      "invalid_request",
      "this sign-in has been completed already: go back to the application",
      { situation: "interaction_finished" },
    );
  }
}
