import type { Provider } from "../../stores/provider.ts";
import * as providers from "../../stores/provider.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { type LiveSession, liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { Device } from "../sessions/device.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import type { Deps } from "../deps/deps.ts";
import type { Acr } from "../protocol/acr.ts";

/** A request for an account page, or a form of it. */
export interface AccountRequest {
  readonly origin: Origin;
  readonly session: SessionCookie | null;
  /** The accounts that have signed in with this browser before. */
  readonly devices: readonly Device[];
  /** The path of the page, to which the user returns after a sign-in. */
  readonly page: string;
}

/** The signed-in user. Only `accountStep` makes one. */
export interface AccountHolder extends LiveSession {
  readonly provider: Provider;
}

/** The largest age of a sign-in for sensitive changes, in seconds. */
const recently = 300;

/** The user must sign in, or sign in again, before the page is shown or the form is accepted. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
  /**
   * @param maxAge the largest age of the sign-in in seconds; null: any
   * @param acr its least acr; null: any
   */
  constructor(
    readonly page: string,
    readonly maxAge: number | null,
    readonly acr: Acr | null = null,
  ) {
    super("the person has to sign in first");
  }
}

/**
 * Runs a step for the user of the session. The commit checks that the session is still valid.
 *
 * @param options.recent whether the sign-in must be at most 5 minutes old, so that an unlocked
 *   computer alone is not enough to take over an account
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
      ...sessionRefs(cookie),
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
