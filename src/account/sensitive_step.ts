import type { Transaction } from "../../stores/engine/transaction.ts";
import { meets, twoFactors } from "../protocol/acr.ts";
import type { Deps } from "../deps/deps.ts";
import {
  type AccountHolder,
  type AccountRequest,
  accountStep,
  SignInNeeded,
} from "./account_step.ts";

/**
 * Runs a step that changes how the person signs in. Their sign-in must be recent, and with all that
 * they have set up: a session from before the authenticator app came must not be able to remove it.
 *
 * @throws {SignInNeeded}
 */
export async function sensitiveStep<T>(
  deps: Deps,
  request: AccountRequest,
  work: (tx: Transaction, holder: AccountHolder) => T | Promise<T>,
): Promise<T> {
  return await accountStep(deps, request, { recent: true }, (tx, holder) => {
    const { acr } = holder.session.value;
    if (holder.user.value.totp !== null && !meets(acr, twoFactors)) {
      throw new SignInNeeded(request.page, 0); // recent as it is, it has to be done again
    }
    return work(tx, holder);
  });
}
