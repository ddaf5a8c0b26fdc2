import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { SigningAlgorithm } from "../../stores/provider.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { addRotation, prepareRotation, type Rotation } from "../../src/keys/key_rotation.ts";
import {
  addWithdrawal,
  prepareWithdrawal,
  type Withdrawal,
  type WithdrawalTarget,
} from "../../src/keys/key_withdrawal.ts";

/** Rotates a key as the admin API does, in a step of its own. */
export async function rotateSigningKey(deps: Deps, alg: SigningAlgorithm): Promise<Rotation> {
  const prepared = await prepareRotation(deps, alg);
  return await deps.kv.step(systemOrigin, (tx) => addRotation(deps, tx, prepared));
}

/** Withdraws a key as the admin API does, in a step of its own. */
export async function withdrawSigningKey(
  deps: Deps,
  target: WithdrawalTarget,
): Promise<Withdrawal> {
  const prepared = await prepareWithdrawal(deps, target);
  return await deps.kv.step(systemOrigin, (tx) => addWithdrawal(tx, prepared));
}
