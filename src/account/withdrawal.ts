import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present, wasPresent } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import * as grants from "../../stores/grants.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { peekInBatches } from "../../stores/engine/batches.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type AccountRequest, accountStep } from "./account_step.ts";
import { eachEntry } from "../logout/personal_records.ts";

/** Of a commit's 999 mutations an end takes 6: the grant, its family, its event, and three entries. */
const endsPerCommit = 100;
/** Withdrawals that a person's record holds before the oldest is worked off and forgotten. */
const withdrawalsKept = 20;
/** More within five minutes than anybody means: the record has its size. */
const mostWithdrawals = 100;
/** Seconds for which a session token from before a withdrawal could still be shown. */
const sessionTokenLifetime = 300;

/**
 * Takes back all that a person has allowed an application. One commit shuts the door: it forgets the
 * consent and notes the withdrawal in the person's record, which whatever gives or uses access has
 * read and checks. A code exchange or a refresh at the same moment is before it, and its results are
 * dead, or comes after it and is refused. What is left of the grants is swept up after that; a sweep
 * that was stopped leaves records behind that open nothing.
 *
 * @returns false if there is nothing that this person has allowed such an application
 * @throws {SignInNeeded}
 */
export async function withdrawApplication(
  deps: Deps,
  request: AccountRequest,
  clientId: string,
): Promise<boolean> {
  // Before anything is listed or swept: only who is signed in asks for that work.
  const { userId } = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  await forgetOldest(deps, userId, request.origin);
  const grantIds = await grantsTo(deps, userId, clientId);
  const withdrawn = await accountStep(deps, request, { recent: false }, async (tx, holder) => {
    const { consent } = await tx.read({ consent: consents.ref(holder.userId, clientId) });
    if (!isPresent(consent) && grantIds.length === 0) return false;
    if (holder.user.value.withdrawals.length >= mostWithdrawals) throw tooMany();
    if (isPresent(consent)) consents.withdraw(tx, consent);
    const user = users.withdrawFrom(tx, holder.user, clientId);
    auditEvents.append(tx, {
      type: "application_withdrawn",
      clientId,
      person: user,
      sessionId: holder.id,
    });
    await endDead(tx, user, grantIds.slice(0, endsPerCommit));
    return true;
  });
  if (withdrawn) await sweepUp(deps, userId, clientId, request.origin);
  return withdrawn;
}

/** Ends, in commits of bounded size, what a withdrawal has left behind; all of it is dead already. */
async function sweepUp(deps: Deps, userId: string, clientId: string, origin: Origin) {
  const grantIds = await grantsTo(deps, userId, clientId);
  for (let n = 0; n < grantIds.length; n += endsPerCommit) {
    const some = grantIds.slice(n, n + endsPerCommit);
    await deps.kv.step({ ...origin, actor: `person:${userId}` }, async (tx) => {
      // Read before the grants, and checked: what is given after a later withdrawal is not touched.
      const { user } = await tx.read({ user: users.ref(userId) });
      if (isPresent(user)) await endDead(tx, user, some);
    });
  }
}

async function endDead(tx: Transaction, user: Present<User>, grantIds: readonly string[]) {
  const found = await peekInBatches(tx, grantIds.map(grants.ref), "to_be_ended");
  for (const grant of found.filter(wasPresent)) {
    const { clientId, withdrawal } = grant.value;
    if (!users.isWithdrawn(user.value, clientId, withdrawal)) continue;
    grants.endUnchecked(tx, grant, "withdrawn", user);
  }
}

/**
 * Keeps the person's record small: once nothing from before the oldest withdrawal is left, it need not
 * be remembered. No new thing can come from before it, for who gives one checks the record.
 */
async function forgetOldest(deps: Deps, userId: string, origin: Origin) {
  const read = (tx: Transaction) => tx.read({ user: users.ref(userId) });
  const { user } = await deps.kv.step(origin, read);
  const [oldest] = user.value?.withdrawals ?? [];
  if (oldest === undefined || (user.value?.withdrawals.length ?? 0) < withdrawalsKept) return;
  await sweepUp(deps, userId, oldest.clientId, origin);
  await deps.kv.step(origin, async (tx) => {
    const { user } = await read(tx);
    if (!isPresent(user) || tx.now - oldest.at <= sessionTokenLifetime) return;
    const withdrawals = user.value.withdrawals.filter(({ id }) => id !== oldest.id);
    users.replace(tx, user, { withdrawals });
  });
}

async function grantsTo(deps: Deps, userId: string, clientId: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { ref, value } of eachEntry(deps, grants.byUser, userId)) {
    if (value.clientId === clientId) ids.push(String(ref.key[2]));
  }
  return ids;
}

function tooMany(): OAuthError {
  return new OAuthError("temporarily_unavailable", "access was withdrawn too often: wait a while", {
    status: 429,
    headers: { "Retry-After": String(sessionTokenLifetime) },
  });
}
