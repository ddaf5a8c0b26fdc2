import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";

/** The user is the only administrator and must stay one. */
export class LastAdministrator extends Error {
  override readonly name = "LastAdministrator";
}

export function administers({ administrator, status }: User): boolean {
  return administrator && status === "active";
}

/**
 * Call this before a step makes a user not an administrator, in any way. It reads the record of another
 * administrator, so the commit checks that this one still is an administrator. If administrators demote
 * or delete each other at the same moment, one of the steps runs again and finds no other.
 *
 * This enforces the rule without one record that all administrators share. Such a record would be the
 * tenth check of the fullest step, and could hold only 2,000 ids.
 *
 * @throws {LastAdministrator}
 */
export async function assertAdministratorStays(
  deps: Pick<Deps, "kv">,
  tx: Transaction,
  user: Present<User>,
): Promise<void> {
  if (!administers(user.value)) return;
  const userId = users.idOf(user);
  // This step has already read the acting user.
  const acting = /^person:(.+)$/.exec(tx.origin.actor ?? "")?.[1];
  if (acting !== undefined && acting !== userId && await stays(tx, acting)) return;
  for await (const other of eachEntry(deps, users.all)) {
    const otherId = users.idOf(other);
    if (otherId !== userId && administers(other.value) && await stays(tx, otherId)) return;
  }
  throw new LastAdministrator("the only administrator stays one");
}

async function stays(tx: Transaction, userId: string): Promise<boolean> {
  const { user } = await tx.read({ user: users.ref(userId) });
  return isPresent(user) && administers(user.value);
}
