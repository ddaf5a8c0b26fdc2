import * as auditBudgets from "../../stores/audit_budgets.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { auditedAs, isFailedSignIn } from "../protocol/refusal_reasons.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** Events per hour: for one client or account from one address, and in total. */
const most = { fromAddress: 5, inAll: 50 };

/**
 * Writes an audit event for a refusal that concerns the security of a client or user. The number per hour
 * is limited, so that a flood cannot fill the store; the log has a line for each.
 * @param addressBlock the block that counts as one address
 */
export async function auditRefusal(
  deps: Pick<Deps, "kv">,
  origin: Origin,
  { reason, clientId, userId }: Refusal,
  addressBlock: string,
): Promise<void> {
  if (reason === null) return;
  if (isFailedSignIn(reason)) return await countFailedSignIn(deps, origin);
  const type = auditedAs(reason);
  if (type === null) return;
  // An unknown client id does not get its own budget. Nor does a user whom a client must not find.
  const ofUser = reason === "hinted_user_suspended" ? null : userId;
  const subject = [type, clientId ?? "", ofUser ?? ""];
  const fromAddressRef = await auditBudgets.ref(...subject, addressBlock);
  const inAllRef = await auditBudgets.ref(...subject);
  await deps.kv.step(origin, async (tx) => {
    const { fromAddress, inAll, user } = await tx.read({
      fromAddress: fromAddressRef,
      inAll: inAllRef,
      user: userId === null ? null : users.ref(userId),
    });
    if (auditBudgets.isSpent(fromAddress, most.fromAddress)) return;
    if (auditBudgets.isSpent(inAll, most.inAll)) return;
    auditBudgets.spend(tx, fromAddress);
    auditBudgets.spend(tx, inAll);
    auditEvents.append(tx, {
      type,
      outcome: "failure",
      reason,
      actor: "anonymous",
      clientId,
      ...(user && isPresent(user) ? { user } : { userId }),
    });
  });
}

/** Counts the event that the step of a failed sign-in wrote, for any user. */
async function countFailedSignIn(deps: Pick<Deps, "kv">, origin: Origin): Promise<void> {
  const ref = await auditBudgets.ofNobody(origin.requestId);
  await deps.kv.step(origin, async (tx) => {
    const { budget } = await tx.read({ budget: ref });
    if (!auditBudgets.isSpent(budget, auditBudgets.mostOfNobody)) auditBudgets.spend(tx, budget);
  });
}
