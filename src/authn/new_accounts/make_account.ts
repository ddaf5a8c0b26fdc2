import * as auditEvents from "../../../stores/audit_events.ts";
import type { Present } from "../../../stores/engine/collection.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { newUser } from "./new_account.ts";
import { credentialFields, type MakeCredential, type NewCredential } from "./new_credential.ts";

/** A person who makes an account, by whichever way. */
export interface NewAccount {
  readonly username: string;
  readonly claims: User["claims"];
  readonly administrator?: boolean;
  readonly credential: NewCredential;
}

/**
 * Adds the account of a new person to the step that proves that they may have one.
 *
 * @returns the person as they will be
 * @throws {RecordExists} if the name or the verified address is another's, so read both before
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

/** What a person fills in for a new account. */
export interface AccountForm extends NamesOfNewcomer {
  readonly credential: MakeCredential;
}

/** What a newcomer wants to be called. */
export interface NamesOfNewcomer {
  readonly username: string;
  readonly name: string;
}
