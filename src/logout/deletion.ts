import * as auditEvents from "../../stores/audit_events.ts";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { assertAdministratorStays } from "./administrators.ts";
import { belongingsOf, belongingsPerCommit, type Named, named } from "./belongings.ts";

/**
 * Deletes a person: their record, what they are found by, and what is stored about them elsewhere.
 * Without the record all of that is dead, so what is more than fits into one commit is swept up
 * after it; and no audit event tells anything personal any more, for its key is gone.
 *
 * @param seen the person, as whoever may delete them has read them
 * @param commit runs the step that deletes: it reads the person again, calls what it is given, and
 *   tells once it is committed whether it did; what belongs to somebody who stays is left alone
 * @throws {LastAdministrator}
 */
export async function deletePerson(
  deps: Deps,
  seen: Present<User>,
  commit: (remove: (tx: Transaction, user: Present<User>) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  const person = named(seen);
  const belongings = await belongingsOf(deps, person, belongingsPerCommit);
  const removed = await commit(async (tx, user) => {
    await assertAdministratorStays(deps, tx, user);
    await users.remove(tx, user);
    endAll(tx, belongings);
    auditEvents.append(tx, { type: "user_deleted", userId: person.userId });
  });
  if (removed) await sweepUp(deps, person);
}

/** Takes what did not fit into the commit, or came while it was made; all of it is dead already. */
async function sweepUp(deps: Deps, person: Named) {
  for (;;) {
    const rest = await belongingsOf(deps, person, belongingsPerCommit);
    if (rest.length === 0) return;
    await deps.kv.step(systemOrigin, (tx) => endAll(tx, rest));
  }
}

function endAll(tx: Transaction, refs: readonly Ref<unknown>[]) {
  refs.forEach((ref) => tx.end(ref));
}
