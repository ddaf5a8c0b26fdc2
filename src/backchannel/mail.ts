import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf, type User, verifiedEmail } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { chooseLanguage } from "../language/languages.ts";
import { takeRecipientPlace } from "../limits/mail.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { backchannelRequestMail } from "../mail/templates/backchannel_request.ts";

/**
 * Adds a mail about a request to its step, if the user has a verified address and has not had too many
 * mails. The request is in their account in any case. Call `deps.mailWakeUp.wake()` after the step.
 */
export async function mailRequest(
  deps: Deps,
  tx: Transaction,
  { user, clientName, bindingMessage, lifetime, uiLocales }: {
    readonly user: Present<User>;
    readonly clientName: string | null;
    readonly bindingMessage: string | null;
    /** Seconds. */
    readonly lifetime: number;
    readonly uiLocales: string | undefined;
  },
): Promise<void> {
  const { username, claims } = user.value;
  const to = verifiedEmail(claims);
  if (to === null || !await takeRecipientPlace(deps, tx, { to, identifier: username })) return;
  const { brand, config: { issuer } } = deps;
  const locale = typeof claims.locale === "string" ? claims.locale : undefined;
  const language = chooseLanguage(uiLocales ?? locale);
  const minutes = Math.ceil(lifetime / 60);
  const written = { username, clientName, bindingMessage, minutes, issuer, brand };
  await enqueueMail(deps, tx, {
    to,
    userId: idOf(user),
    template: "backchannel_request",
    written: backchannelRequestMail(language, written),
    usefulFor: lifetime,
  });
}
