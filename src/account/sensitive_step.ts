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
 * Runs a step that changes the user's sign-in methods. The sign-in must be recent, and must have used
 * everything that the user has set up: a session from before the authenticator app must not be able to
 * remove the app.
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
      throw new SignInNeeded(request.page, 0); // it is recent, but it must be repeated with more
    }
    return work(tx, holder);
  });
}
