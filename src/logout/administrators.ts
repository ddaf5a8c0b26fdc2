import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { eachEntry } from "./personal_records.ts";

/** Somebody is the only administrator that there is, and stays one. */
export class LastAdministrator extends Error {
  override readonly name = "LastAdministrator";
}

export function administers({ administrator, status }: User): boolean {
  return administrator && status === "active";
}

/**
 * Comes before a step takes away that somebody is an administrator, by whatever way. It reads the record
 * of another one who stays, so the commit checks that they still are one: of administrators who demote
 * each other at the same moment, or go at the same moment, one step runs again and finds nobody.
 *
 * That keeps the rule without one record that all administrators share, which would be a tenth check of
 * the fullest step, and could hold 2,000 ids only.
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
  // Who acts has been read by this step already.
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
