import * as auditEvents from "../../../stores/audit_events.ts";
import type { Present } from "../../../stores/engine/collection.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { newUser } from "./new_account.ts";
import { credentialFields, type MakeCredential, type NewCredential } from "./new_credential.ts";

/** A user who creates an account, in any of the ways. */
export interface NewAccount {
  readonly username: string;
  readonly claims: User["claims"];
  readonly administrator?: boolean;
  readonly credential: NewCredential;
}

/**
 * Adds a new account to the step that proves that the user may have one.
 *
 * @returns the new record
 * @throws {RecordExists} if another user has the name or the verified address, so read both before
 */
export function makeAccount(
  tx: Transaction,
  { username, claims, administrator = false, credential }: NewAccount,
): Present<User> {
  const { userId, ...fields } = credentialFields(tx, credential);
  const account = { username, claims, administrator, ...fields };
  const user = users.create(tx, userId, newUser(account, tx.now));
  auditEvents.append(tx, { type: "user_created", userId });
  for (const about of fields.passkeys) {
    auditEvents.append(tx, { type: "passkey_added", userId, about });
  }
  return user;
}

/** The form for a new account. */
export interface AccountForm extends NamesOfNewcomer {
  readonly credential: MakeCredential;
}

/** The names that a new user wants. */
export interface NamesOfNewcomer {
  readonly username: string;
  readonly name: string;
}
