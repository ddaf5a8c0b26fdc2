import * as auditEvents from "../../stores/audit_events.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import { isPresent, type Present, wasPresent } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import * as grants from "../../stores/grants.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { peekInBatches } from "../../stores/engine/batches.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type AccountRequest, accountStep } from "./account_step.ts";

/**
 * How many grants one commit can end. Each takes 6 of its 999 mutations: the grant, its family, its
 * event, and three entries.
 */
const endsPerCommit = 100;
/** The number of withdrawals in a user's record above which the oldest one is completed and removed. */
const withdrawalsKept = 20;
/** The most withdrawals within five minutes, because the record's size is limited. */
const mostWithdrawals = 100;
/** Seconds for which a session token from before a withdrawal could still be presented. */
const sessionTokenLifetime = 300;

/**
 * Withdraws everything that a user has allowed an application. One commit is enough: it deletes the
 * consent and adds a withdrawal to the user's record, which every step that gives or uses access reads
 * and checks. A code exchange or a refresh at the same moment is either committed before, and its
 * results are invalid, or comes after and is refused. The remaining grants are removed afterwards. If
 * that is interrupted, the records that stay are invalid.
 *
 * @returns false if the user has allowed such an application nothing
 * @throws {SignInNeeded}
 */
export async function withdrawApplication(
  deps: Deps,
  request: AccountRequest,
  clientId: string,
): Promise<boolean> {
  // Check this before any records are listed or removed: only a signed-in user may cause that work.
  const before = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  const { userId } = before;
  await forgetOldest(deps, userId, request.origin);
  const grantIds = await grantsTo(deps, userId, clientId);
  const withdrawn = await accountStep(deps, request, { recent: false }, async (tx, holder) => {
    const { consent } = await tx.read({ consent: consents.ref(holder.userId, clientId) });
    // Another request may have withdrawn all this since it was listed: the second press of a button.
    const latest = users.withdrawalFrom(holder.user.value, clientId);
    const isListed = latest === null ||
      latest === users.withdrawalFrom(before.user.value, clientId);
    if (!isPresent(consent) && (grantIds.length === 0 || !isListed)) return false;
    if (holder.user.value.withdrawals.length >= mostWithdrawals) throw tooMany();
    if (isPresent(consent)) consents.withdraw(tx, consent);
    const user = users.withdrawFrom(tx, holder.user, clientId);
    auditEvents.append(tx, {
      type: "application_withdrawn",
      clientId,
      user,
      sessionId: holder.id,
    });
    await endDead(tx, user, grantIds.slice(0, endsPerCommit));
    carriedOutForms.add(tx);
    return true;
  });
  if (withdrawn) await sweepUp(deps, userId, clientId, request.origin);
  return withdrawn;
}

/**
 * Ends the grants that a withdrawal has left, in commits of limited size. All of them are already
 * invalid.
 */
async function sweepUp(deps: Deps, userId: string, clientId: string, origin: Origin) {
  const grantIds = await grantsTo(deps, userId, clientId);
  for (let n = 0; n < grantIds.length; n += endsPerCommit) {
    const some = grantIds.slice(n, n + endsPerCommit);
    await deps.kv.step({ ...origin, actor: `person:${userId}` }, async (tx) => {
      // Read this before the grants, and check it: grants that follow a later withdrawal must not be
      // touched.
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
 * Keeps the user's record small: once nothing from before the oldest withdrawal is left, it need not be
 * remembered. Nothing new can come from before it, because each step that gives access checks the
 * record.
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
