import type { Present } from "../../../stores/engine/collection.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";

/**
 * Removes a passkey from a user. The step adds the audit event. @param changes other changes of the
 * record
 */
export function removePasskey(
  tx: Transaction,
  user: Present<User>,
  passkeyId: string,
  changes: Partial<User> = {},
) {
  passkeys.remove(tx, passkeyId);
  const left = user.value.passkeys.filter((id) => id !== passkeyId);
  users.replace(tx, user, { ...changes, passkeys: left });
}
