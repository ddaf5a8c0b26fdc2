import type { Provider } from "../../stores/provider.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { type LiveSession, liveSession } from "../sessions/live_session.ts";
import type { Device } from "../sessions/device.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import type { Deps } from "../deps/deps.ts";

/** A request for a page of one's own account, or by a form of it. */
export interface AccountRequest {
  readonly origin: Origin;
  readonly session: SessionCookie | null;
  /** The accounts that this browser has signed in before. */
  readonly devices: readonly Device[];
  /** The page, as a path: where the person comes back to when they had to sign in first. */
  readonly page: string;
}

/** Who asks: only `accountStep` finds that out. */
export interface AccountHolder extends LiveSession {
  readonly provider: Provider;
}

/** Seconds within which somebody must have signed in for what is sensitive. */
export const recently = 300;

/** Somebody has to sign in, or do so again, before the page can be shown or the form be followed. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
  /** @param maxAge seconds; null: nobody is signed in */
  constructor(readonly page: string, readonly maxAge: number | null) {
    super("the person has to sign in first");
  }
}

/**
 * Runs a step for the person whose session it is, committed on the condition that it still is.
 *
 * @param options.recent whether the sign-in must be at most 5 minutes old: an unlocked computer that
 *   somebody left alone must not be enough to take an account over
 * @throws {SignInNeeded}
 */
export async function accountStep<T>(
  deps: Deps,
  { origin, session: cookie, page }: AccountRequest,
  { recent }: { readonly recent: boolean },
  work: (tx: Transaction, holder: AccountHolder) => T | Promise<T>,
): Promise<T> {
  return await deps.kv.step(origin, async (tx) => {
    const found = await providers.read(tx, {
      session: cookie && sessions.ref(cookie.sessionId),
      user: cookie && users.ref(cookie.userId),
    });
    const { provider } = found;
    const live = liveSession(cookie, { ...found, provider });
    if (live === null) throw new SignInNeeded(page, null);
    if (recent && tx.now - live.session.value.authTime >= recently) {
      throw new SignInNeeded(page, recently);
    }
    return await work(tx, { ...live, provider });
  });
}
