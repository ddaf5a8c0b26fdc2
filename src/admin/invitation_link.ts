import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Invitation } from "../../stores/invitations.ts";
import { invitationToken } from "../authn/new_accounts/invitation.ts";
import { digest } from "../crypto/digest.ts";
import { randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { invitationMail } from "../mail/templates/invitation.ts";
import { languageSchema } from "./invitation_representation.ts";

/** A link for an invitation, good from now on: what the record keeps of it, and the token for the mail. */
export async function newLink(
  deps: Deps,
  tx: Transaction,
  invitationId: string,
  providerEpoch: number,
) {
  const token = invitationToken(invitationId, randomSecret(tx.random));
  const expiresAt = tx.now + deps.config.lifetimes.invitation;
  return { token, tokenDigest: await digest(token), providerEpoch, sentAt: tx.now, expiresAt };
}

/** Mails the link to whom it is for, in the commit that made it. */
export async function enqueueInvitation(
  deps: Deps,
  tx: Transaction,
  { email, language, expiresAt }: Invitation,
  token: string,
) {
  const { brand, config: { issuer } } = deps;
  await enqueueMail(deps, tx, {
    to: email,
    userId: null,
    template: "invitation",
    written: invitationMail(languageSchema.catch("en").parse(language), {
      issuer,
      brand,
      url: `${issuer}/invitation?token=${token}`,
      expiresAt,
    }),
    usefulFor: expiresAt - tx.now,
  });
}
