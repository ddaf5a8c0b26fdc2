import * as auditEvents from "../../stores/audit_events.ts";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import * as sessions from "../../stores/sessions.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import * as unfinishedDeletions from "../../stores/unfinished_deletions.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { assertAdministratorStays } from "./administrators.ts";
import { type Named, named, personalRecords, recordsPerCommit } from "./personal_records.ts";

/**
 * Deletes a user: their record, the keys that find it, and everything else that is stored about them.
 * Without the record all of that is invalid, so records that do not fit into one commit are removed
 * after it. Audit events then reveal nothing personal, because the key for it is gone.
 *
 * @param seen the user, as read by the one who may delete them
 * @param commit runs the step that deletes. It reads the user again, calls its argument, and returns
 *   after the commit whether it did so. If not, the user stays, and their records are not touched.
 * @throws {LastAdministrator}
 */
export async function deleteUser(
  deps: Deps,
  seen: Present<User>,
  commit: (remove: (tx: Transaction, user: Present<User>) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  const person = named(seen);
  const records = await personalRecords(deps, person, recordsPerCommit);
  const removed = await commit(async (tx, user) => {
    await assertAdministratorStays(deps, tx, user);
    await users.remove(tx, user);
    endAll(tx, records);
    unfinishedDeletions.begin(tx, person.userId, person.names);
    auditEvents.append(tx, { type: "user_deleted", userId: person.userId });
  });
  if (removed) await sweepUp(deps, person, (work) => deps.kv.step(systemOrigin, work));
}

/**
 * Finishes the deletions whose process died before it had removed all records of the user.
 * @param step runs each step; it may also check the lease of the caller
 * @returns the number of removed records
 */
export async function finishDeletions(
  deps: Deps,
  step: (work: (tx: Transaction) => void) => Promise<void>,
): Promise<number> {
  let removed = 0;
  for await (const deletion of eachEntry(deps, unfinishedDeletions.all)) {
    const names = new Set(deletion.value.names);
    removed += await sweepUp(deps, { userId: unfinishedDeletions.userIdOf(deletion), names }, step);
  }
  return removed;
}

/**
 * Removes the records that did not fit into the commit, or were added during it. All of them are
 * already invalid.
 */
async function sweepUp(
  deps: Deps,
  person: Named,
  step: (work: (tx: Transaction) => void) => Promise<void>,
): Promise<number> {
  for (let removed = 0;;) {
    const rest = await personalRecords(deps, person, recordsPerCommit);
    await step((tx) => {
      endAll(tx, rest);
      if (rest.length === 0) unfinishedDeletions.finish(tx, person.userId);
    });
    if (rest.length === 0) return removed;
    removed += rest.length;
  }
}

function endAll(tx: Transaction, refs: readonly Ref<unknown>[]) {
  refs.forEach((ref) => sessions.endOfDeleted(tx, ref));
}
