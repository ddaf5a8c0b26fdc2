import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import type { Origin } from "../../../stores/engine/transaction.ts";
import * as userNames from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { isFresh } from "../../../stores/engine/collection.ts";
import { assertOwnInteraction, RequestWentOn } from "../../interactions/own_interaction.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { takeRecipientPlace } from "../../limits/mail.ts";
import type { Requester } from "../../mail/requester.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { accountExistsMail, signUpMail } from "../../mail/templates/sign_up.ts";
import type { Language } from "../../language/languages.ts";
import { signUpToken } from "./sign_up_link.ts";

const type = "sign_up";

export interface SignUpRequest {
  readonly origin: Origin;
  /** The pending request that continues with the new account; null: none. */
  readonly interactionId: string | null;
  readonly browserDigest: string;
  readonly address: string;
  readonly language: Language;
  readonly requester: Requester;
}

/**
 * Sends a link for a new account to an address. If a user has the address already, the mail says so
 * instead. The answer and the work are the same.
 *
 * @throws {OAuthError} if the interaction is another browser's, or no longer pending
 */
export async function requestSignUp(deps: Deps, request: SignUpRequest): Promise<void> {
  const { origin, interactionId, browserDigest, address, language, requester } = request;
  await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, {
      interaction: interactionId === null ? null : interactions.ref(interactionId),
      email: userNames.emailRef(address),
    });
    const { provider } = first;
    if (first.interaction !== null) {
      const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
      if (!isFresh(interaction)) throw new RequestWentOn(interactions.idOf(interaction));
    }
    const ownerId = first.email.value?.userId ?? null;
    const { user } = await tx.read({ user: users.ref(ownerId ?? randomId(tx.random)) });

    const recipient = { to: address, identifier: address };
    const hasPlace = await takeRecipientPlace(deps, tx, recipient);
    const token = signUpToken(interactionId, randomSecret(tx.random));
    challenges.add(tx, type, await challenges.ref(type, token), {
      // Without an address the link is useless.
      address: ownerId === null && hasPlace ? address : null,
      providerEpoch: provider.epoch,
    });
    const from = { issuer: deps.config.issuer, brand: deps.brand, requester };
    // An address in another spelling than the verified one may be another inbox, and the mail would
    // tell its reader who has the account.
    const proved = user.value && users.verifiedEmail(user.value.claims);
    await enqueueMail(deps, tx, {
      to: hasPlace ? proved ?? address : null,
      userId: ownerId,
      template: ownerId === null ? type : "account_exists",
      written: ownerId === null
        ? signUpMail(language, {
          ...from,
          url: `${deps.config.issuer}/sign-up/confirm?token=${token}`,
        })
        : accountExistsMail(language, { ...from, username: user.value?.username ?? address }),
      usefulFor: challenges.challengeKinds[type].lifetime,
    });
    auditEvents.append(tx, {
      type: "sign_up_requested",
      outcome: ownerId === null ? "success" : "failure",
      actor: "anonymous",
    });
  });
  deps.mailWakeUp.wake();
}
