import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf, type User, verifiedEmail } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import type { Language } from "../language/languages.ts";
import { enqueueMail } from "./outbox.ts";
import { accountNoticeMail, type NoticeReason } from "./templates/account_notice.ts";

const usefulFor = 2 * 86_400;

/**
 * Adds a notice to the step that changes a user's account. It goes to the address that the user had
 * verified before this change; without one, it is not sent. Call `deps.mailWakeUp.wake()` after the step.
 * @param change.user the user's record before the change
 * @param change.about the name of a passkey
 */
export async function notifyUser(
  deps: Deps,
  tx: Transaction,
  { user, reason, about, language }: {
    readonly user: Present<User>;
    readonly reason: NoticeReason;
    readonly about?: string;
    readonly language: Language;
  },
): Promise<void> {
  const to = verifiedEmail(user.value.claims);
  if (to === null) return;
  const { username } = user.value;
  const { brand, config: { issuer } } = deps;
  await enqueueMail(deps, tx, {
    to,
    userId: idOf(user),
    template: reason,
    written: accountNoticeMail(language, {
      reason,
      username,
      ...(about === undefined ? {} : { about }),
      issuer,
      brand,
    }),
    usefulFor,
  });
}
