import type { Transaction } from "../../stores/engine/transaction.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
import { isFull, type ReadLog, windowOf, withOneMore, writeWindow } from "./sliding_window.ts";

/**
 * The limit of wrong passwords for one account, whichever of its names was typed. The limits whose
 * remaining number is shown are counted by the typed name, so that they do not reveal which username and
 * mail address belong together. Without this limit, an attacker who knows both could guess twice as
 * often. For the same reason its refusal is not shown: it looks like a wrong password.
 */
export async function accountGuessesKey(
  { config }: Pick<LimitDeps, "config">,
  userId: string,
): Promise<LimitedKey> {
  return await limitedKey("sign-in-person", config.limits.signInAccount, userId);
}

/** The key to read for a guess from a browser; null: its guesses are not counted by account. */
export async function guessesToRead(
  deps: Pick<LimitDeps, "config">,
  { userId, isKnownBrowser }: { readonly userId: string | null; readonly isKnownBrowser: boolean },
): Promise<LimitedKey | null> {
  if (!deps.config.rateLimits || isKnownBrowser) return null;
  return await accountGuessesKey(deps, userId ?? "nobody");
}

/** Whether the account's limit is reached, so that passwords are not compared at present. */
export function isGuessedOut(
  tx: Transaction,
  key: LimitedKey | null,
  log: ReadLog | null,
): boolean {
  return key !== null && isFull(windowOf(tx, key, log), key.limit);
}

/** Counts a wrong password for an existing user, in the step that refuses it. */
export function countWrongGuess(
  tx: Transaction,
  key: LimitedKey | null,
  log: ReadLog | null,
) {
  if (key === null || log === null || isGuessedOut(tx, key, log)) return;
  writeWindow(tx, key, log, withOneMore(windowOf(tx, key, log)));
}
