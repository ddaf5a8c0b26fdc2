import * as auditEvents from "../../stores/audit_events.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as passkeys from "../../stores/passkeys.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { removePasskey } from "../authn/passkeys/removal.ts";
import type { Deps } from "../deps/deps.ts";
import { NotFound } from "./errors.ts";
import { noticeOfAdministrator } from "./user_notices.ts";

/** All passkeys of a user. There are never more than fit on a page. */
export async function userPasskeys(
  tx: Transaction,
  user: Present<User>,
): Promise<Present<Passkey>[]> {
  return (await inBatches(tx, user.value.passkeys.map(passkeys.ref))).filter(isPresent);
}

/**
 * Removes a passkey, such as that of a lost device, and tells the user by mail. It may be their last
 * sign-in method: whoever found the device must not get in, and the user can sign in by mail.
 *
 * @throws {NotFound}
 */
export async function removeUserPasskey(
  deps: Deps,
  tx: Transaction,
  user: Present<User>,
  passkeyId: string,
): Promise<void> {
  if (!user.value.passkeys.includes(passkeyId)) throw new NotFound("passkey");
  const { passkey } = await tx.read({ passkey: passkeys.ref(passkeyId) });
  removePasskey(tx, user, passkeyId);
  const userId = users.idOf(user);
  auditEvents.append(tx, { type: "passkey_removed", userId, about: passkeyId });
  await noticeOfAdministrator(deps, tx, user, "passkey_removed", passkey.value?.name ?? "");
}
