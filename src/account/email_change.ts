import { requestAddressChange } from "../authn/address_change.ts";
import type { Deps } from "../deps/deps.ts";
import { reserveMail, reserveMailOf } from "../limits/mail.ts";
import type { Reservation } from "../limits/reservation.ts";
import { assertPassed } from "../limits/too_many_requests.ts";
import { tidyMailAddress } from "../identifiers/mail_address.ts";
import type { Language } from "../language/languages.ts";
import type { AccountHolder, AccountRequest } from "./account_step.ts";
import { sensitiveStep } from "./sensitive_step.ts";

export type EmailChange =
  /** A link was sent. @property reservation the rest of the limit of mails */
  | { readonly kind: "sent"; readonly reservation: Reservation }
  /** Not a mail address. */
  | { readonly kind: "invalid"; readonly holder: AccountHolder };

/**
 * Sends a link to the user's new address, and a notice to the old one.
 *
 * @throws {SignInNeeded} unless the sign-in was at most 5 minutes ago: whoever reads a user's mail
 *   can choose a new password for them
 * @throws {TooManyRequests}
 */
export async function askForEmailChange(
  deps: Deps,
  request: AccountRequest,
  { typed, language }: { readonly typed: string; readonly language: Language },
): Promise<EmailChange> {
  // Check this before the limit: only a user who may send the mail uses up the limit.
  const holder = await sensitiveStep(deps, request, (_, holder) => holder);
  const address = tidyMailAddress(typed);
  if (address === null) return { kind: "invalid", holder };
  assertPassed(await reserveMailOf(deps, holder.userId));
  const reservation = await reserveMail(deps, address);
  assertPassed(reservation);
  await sensitiveStep(
    deps,
    request,
    (tx, { user, provider }) =>
      requestAddressChange(deps, tx, { user, provider, address, language }),
  );
  deps.mailWakeUp.wake();
  return { kind: "sent", reservation };
}
