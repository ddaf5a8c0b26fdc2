import * as sessions from "../../../stores/sessions.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import type { LiveSession } from "../../sessions/live_session.ts";

/** The end of a session moves in steps of this size, so that not every request writes it. */
const slideEvery = 60;

/**
 * Extends a session's idle end, up to its absolute end.
 *
 * @returns the end in epoch seconds, and whether it changed
 */
export function keepAlive(
  deps: Deps,
  tx: Transaction,
  { session }: LiveSession,
): { readonly expiresAt: number; readonly moved: boolean } {
  const { lastSeenAt, endsAt } = session.value;
  if (tx.now - lastSeenAt < slideEvery) {
    return { expiresAt: session.value.expiresAt, moved: false };
  }
  const expiresAt = Math.min(tx.now + deps.config.lifetimes.sessionIdle, endsAt);
  sessions.renew(tx, session, { expiresAt });
  return { expiresAt, moved: true };
}
