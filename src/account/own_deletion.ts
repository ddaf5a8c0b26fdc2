import { isPresent, type Ref } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { isSameName } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { accountDeletedMail } from "../mail/templates/account_deleted.ts";
import type { Language } from "../language/languages.ts";
import type { AccountRequest } from "./account_step.ts";
import { eachEntry } from "../logout/belongings.ts";
import { deletePerson } from "../logout/deletion.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/** Why an account is still there. */
export type DeletionRefusal = "wrong_username" | "last_administrator";

const day = 86_400;

/**
 * Deletes the account of who asks, and tells its address. Of the last administrators who go at the same
 * moment, one stays: each checks the record of another one who is left.
 *
 * @param username as it was typed, to show that it is meant
 * @returns null when it is done
 * @throws {SignInNeeded} unless the sign-in was at most 5 minutes ago
 */
export async function deleteOwnAccount(
  deps: Deps,
  request: AccountRequest,
  { username, language }: { readonly username: string; readonly language: Language },
): Promise<DeletionRefusal | null> {
  // Before anything is listed or looked for.
  const holder = await sensitiveStep(deps, request, (_, holder) => holder);
  if (!isSameName(username, holder.user.value.username)) return "wrong_username";
  for (;;) {
    const successor = await otherAdministrator(deps, holder.userId);
    let outcome: DeletionRefusal | "again" | "deleted" = "again";
    await deletePerson(deps, holder.user, async (remove) => {
      outcome = await sensitiveStep(deps, request, async (tx, { user }) => {
        if (user.value.administrator) {
          if (successor === null) return "last_administrator";
          if (!await isAdministrator(tx, successor)) return "again";
        }
        await remove(tx, user);
        await sayGoodbye(deps, tx, user.value, language);
        return "deleted";
      });
      return outcome === "deleted";
    });
    const done = outcome as DeletionRefusal | "again" | "deleted";
    if (done === "again") continue;
    if (done !== "deleted") return done;
    deps.mailBell.ring();
    return null;
  }
}

async function otherAdministrator(deps: Deps, userId: string): Promise<Ref<User> | null> {
  for await (const user of eachEntry(deps, users.all)) {
    if (users.idOf(user) !== userId && administers(user.value)) return user.ref;
  }
  return null;
}

async function isAdministrator(tx: Transaction, at: Ref<User>): Promise<boolean> {
  const { user } = await tx.read({ user: at });
  return isPresent(user) && administers(user.value);
}

function administers({ administrator, status }: User): boolean {
  return administrator && status === "active";
}

/** The one mail that names nobody's id: there is nobody any more. */
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
