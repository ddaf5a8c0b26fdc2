import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import { isPresent } from "../../../stores/engine/collection.ts";
import * as providers from "../../../stores/provider.ts";
import type { Origin } from "../../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { randomId, randomSecret } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { takeRecipientPlace } from "../../limits/mail.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { passwordResetMail } from "../../mail/templates/password_reset.ts";
import { count } from "../../telemetry/counters.ts";
import type { Language } from "../../language/languages.ts";

const type = "password_reset";

/**
 * Sends a link for a new password to the verified address of a user. If there is no such user, or the
 * limit of mails is reached, the same is read and as much is written, so that neither the answer nor
 * the time reveals who has an account.
 *
 * @param identifier a username or a mail address, as typed
 */
export async function requestPasswordReset(
  deps: Deps,
  { origin, identifier, device, language }: {
    readonly origin: Origin;
    readonly identifier: string;
    /** The id of a browser that has signed in to the account before; null: a stranger. */
    readonly device: string | null;
    readonly language: Language;
  },
): Promise<void> {
  const hadPlace = await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, identifierRefs(identifier));
    const ownerId = ownerOfIdentifier(first, identifier);
    const { user } = await tx.read({ user: users.ref(ownerId ?? randomId(tx.random)) });
    const owner = isPresent(user) ? user : null;
    const reachable = owner !== null && owner.value.status === "active" ? owner : null;
    const address = reachable && users.verifiedEmail(reachable.value.claims);
    // A username and an address are two things to type, but they lead to one inbox.
    const hasPlace = await takeRecipientPlace(deps, tx, { to: address, identifier, device });
    const to = hasPlace ? address : null;

    const secret = randomSecret(tx.random);
    challenges.add(tx, type, await challenges.ref(type, secret), {
      userId: to === null ? null : ownerId,
      address: to,
      epoch: to === null ? null : owner?.value.epoch ?? null,
      providerEpoch: first.provider.epoch,
    });
    await enqueueMail(deps, tx, {
      to, // null: no recipient
      userId: to === null ? null : ownerId,
      template: type,
      written: passwordResetMail(language, {
        username: owner?.value.username ?? identifier,
        url: `${deps.config.issuer}/password-reset/confirm?token=${secret}`,
        issuer: deps.config.issuer,
        brand: deps.brand,
      }),
      usefulFor: challenges.challengeKinds[type].lifetime,
    });
    auditEvents.append(tx, {
      type: "password_reset_requested",
      outcome: to === null ? "failure" : "success",
      ...(hasPlace ? {} : { reason: "mail_limit" }),
      actor: "anonymous",
      user: owner,
    });
    return hasPlace;
  });
  if (!hadPlace) count("latchkey.limits.refused", { limit: "mail-recipient" });
  deps.mailWakeUp.wake();
}
