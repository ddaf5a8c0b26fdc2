import type { Entry } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import { idOf, isWithdrawn, type User } from "../../stores/users.ts";

/** The state that a session, a grant or a challenge stored when it was created. */
export interface Remembered {
  /** Null: it has no user, such as a client's grant to itself. */
  readonly userId: string | null;
  readonly epoch: number | null;
  readonly providerEpoch: number;
  /** Null: it survives "sign out everywhere". */
  readonly sessionEpoch?: number | null;
  /** The client that it was given to, with the user's last withdrawal from it at that time. */
  readonly clientId?: string | null;
  readonly withdrawal?: string | null;
}

/**
 * Whether something is still valid, as far as its user and the server decide that: the user exists and is
 * active, and no epoch and no withdrawal has ended it since it was created. Every general reason that
 * ends a user's sessions, grants and challenges is checked here.
 * @param user the record of the user that it names
 */
export function stillLives(
  remembered: Remembered,
  { user, provider }: { readonly user: Entry<User> | null; readonly provider: Provider },
): boolean {
  const { userId, epoch, sessionEpoch = null, clientId = null, withdrawal = null } = remembered;
  if (remembered.providerEpoch !== provider.epoch) return false;
  if (userId === null) return epoch === null && sessionEpoch === null;
  if (user === null || user.value === null || idOf(user) !== userId) return false;
  if (user.value.status !== "active" || user.value.epoch !== epoch) return false;
  if (sessionEpoch !== null && user.value.sessionEpoch !== sessionEpoch) return false;
  return clientId === null || !isWithdrawn(user.value, clientId, withdrawal);
}
