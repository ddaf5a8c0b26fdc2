import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import { isSameAddress } from "../identifiers/mail_address.ts";
import type { Deps } from "../deps/deps.ts";
import { notifyUser } from "../mail/notify.ts";
import type { NoticeReason } from "../mail/templates/account_notice.ts";
import { chooseLanguage } from "../language/languages.ts";

/**
 * Adds a mail to the step in which an administrator changes how a user signs in or is reached. It is in
 * the user's language. Call `deps.mailWakeUp.wake()` after the step.
 *
 * @param user the record before the change
 * @param about the name of a passkey
 */
export async function noticeOfAdministrator(
  deps: Deps,
  tx: Transaction,
  user: Present<User>,
  reason: NoticeReason,
  about?: string,
): Promise<void> {
  const { locale } = user.value.claims;
  const language = chooseLanguage(typeof locale === "string" ? locale : null);
  await notifyUser(deps, tx, {
    user,
    reason,
    language,
    ...(about === undefined ? {} : { about }),
  });
}

/** Adds mails about a new password and a new mail address. The second one goes to the old address. */
export async function noticesOfUpdate(
  deps: Deps,
  tx: Transaction,
  user: Present<User>,
  after: User,
): Promise<void> {
  const before = user.value;
  if (after.passwordHash !== before.passwordHash) {
    await noticeOfAdministrator(deps, tx, user, "password_set_by_administrator");
  }
  const [one, other] = [textOf(before.claims.email), textOf(after.claims.email)];
  if (one !== other && !isSameAddress(one, other)) {
    await noticeOfAdministrator(deps, tx, user, "address_changed");
  }
}

/** No address is an empty text, which equals no address. */
function textOf(address: unknown): string {
  return typeof address === "string" ? address : "";
}
