import * as sessions from "../../../stores/sessions.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../deps/deps.ts";
import type { LiveSession } from "../../sessions/live_session.ts";

/** How much a session's end moves at once, so that not every request writes it. */
const slideEvery = 60;

/**
 * Moves a session's idle end on, within its absolute one.
 *
 * @returns the end, in epoch seconds, and whether it moved
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
