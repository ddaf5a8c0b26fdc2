import { requestAddressChange } from "../authn/address_change.ts";
import type { Deps } from "../deps/deps.ts";
import { reserveMail, reserveMailOf } from "../limits/mail.ts";
import type { Reservation } from "../limits/reserve.ts";
import { assertPassed } from "../limits/too_many_requests.ts";
import { tidyMailAddress } from "../identifiers/mail_address.ts";
import type { Language } from "../language/languages.ts";
import type { AccountHolder, AccountRequest } from "./account_step.ts";
import { sensitiveStep } from "./sensitive_step.ts";

export type EmailChange =
  /** A link is on its way. @property reservation what is left of the limit of mails */
  | { readonly kind: "sent"; readonly reservation: Reservation }
  /** Nothing that a mail could be sent to. */
  | { readonly kind: "invalid"; readonly holder: AccountHolder };

/**
 * Asks the new address of a person whether it is theirs; the one before it is told.
 *
 * @throws {SignInNeeded} unless the sign-in was at most 5 minutes ago: who reads a person's mail can
 *   choose a new password for them
 * @throws {TooManyRequests}
 */
export async function askForEmailChange(
  deps: Deps,
  request: AccountRequest,
  { typed, language }: { readonly typed: string; readonly language: Language },
): Promise<EmailChange> {
  // Before the limit: a place under it is for who may have the mail.
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
