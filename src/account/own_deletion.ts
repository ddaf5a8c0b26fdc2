import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { isSameName } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { accountDeletedMail } from "../mail/templates/account_deleted.ts";
import type { Language } from "../language/languages.ts";
import type { AccountRequest } from "./account_step.ts";
import { LastAdministrator } from "../logout/administrators.ts";
import { deleteUser } from "../logout/deletion.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/** The reason why an account was not deleted. */
export type DeletionRefusal = "wrong_username" | "last_administrator";

const day = 86_400;

/**
 * Deletes the account of the signed-in user, and tells its address by mail. The only administrator
 * cannot be deleted.
 *
 * @param username as typed, to confirm the deletion
 * @returns null when it is done
 * @throws {SignInNeeded} unless the sign-in was at most 5 minutes ago
 */
export async function deleteOwnAccount(
  deps: Deps,
  request: AccountRequest,
  { username, language }: { readonly username: string; readonly language: Language },
): Promise<DeletionRefusal | null> {
  // Check this before any records are listed.
  const holder = await sensitiveStep(deps, request, (_, holder) => holder);
  if (!isSameName(username, holder.user.value.username)) return "wrong_username";
  try {
    await deleteUser(
      deps,
      holder.user,
      (remove) =>
        sensitiveStep(deps, request, async (tx, { user }) => {
          await remove(tx, user);
          await sayGoodbye(deps, tx, user.value, language);
          carriedOutForms.add(tx);
          return true;
        }),
    );
  } catch (error) {
    if (error instanceof LastAdministrator) return "last_administrator";
    throw error;
  }
  deps.mailWakeUp.wake();
  return null;
}

/** The only mail without a user id, because the user no longer exists. */
async function sayGoodbye(deps: Deps, tx: Transaction, user: User, language: Language) {
  const to = users.verifiedEmail(user.claims);
  if (to === null) return;
  const { brand, config: { issuer } } = deps;
  await enqueueMail(deps, tx, {
    to,
    userId: null,
    personGone: true,
    template: "account_deleted",
    written: accountDeletedMail(language, { username: user.username, issuer, brand }),
    usefulFor: 2 * day,
  });
}
