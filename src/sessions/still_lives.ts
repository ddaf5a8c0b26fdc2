import type { Entry } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import { idOf, isWithdrawn, type User } from "../../stores/users.ts";

/** What a session, a grant or a challenge remembers of the moment it was made. */
export interface Remembered {
  /** Null: it is nobody's, such as a client's grant to itself. */
  readonly userId: string | null;
  readonly epoch: number | null;
  readonly providerEpoch: number;
  /** Null: it outlives "sign out everywhere". */
  readonly sessionEpoch?: number | null;
  /** The client that it was given to, with the person's last withdrawal from it at that time. */
  readonly clientId?: string | null;
  readonly withdrawal?: string | null;
}

/**
 * Whether something still lives, as far as its person and the server decide that: the person is there and
 * active, and no epoch and no withdrawal has ended it since it was made. Whatever else may end all that
 * was given to a person, now or later, is asked here.
 *
 * @param user the record of the person that it remembers
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
