import * as auditEvents from "../../../stores/audit_events.ts";
import type { Present } from "../../../stores/engine/collection.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import type { User } from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";
import type { Language } from "../../language/languages.ts";
import { notifyUser } from "../../mail/notify.ts";

/** Unusual facts about a valid signature. */
export interface PasskeySignals {
  /**
   * The counter did not grow. Each device of a synced passkey has its own counter, so this is a sign of
   * a copy, which the owner may have made.
   *
   * @see Web Authentication Level 3 section 6.1.1
   */
  readonly counterLags: boolean;
  /**
   * The passkey can be synced now, but could not when it was created. According to the specification
   * this never changes, but password managers and platforms change it for existing passkeys.
   *
   * @see Web Authentication Level 3 section 6.1.3
   */
  readonly becameSyncable: boolean;
}

/** Seconds in which the owner is told of a lagging counter only once. */
const quiet = 30 * 24 * 60 * 60;

/**
 * Records the unusual facts of a sign-in that continues, and tells the owner.
 *
 * @returns whether a mail was written
 */
export async function noteSignals(
  deps: Deps,
  tx: Transaction,
  signals: PasskeySignals,
  { passkey, user, clientId, language }: {
    readonly passkey: Present<Passkey>;
    readonly user: Present<User>;
    readonly clientId: string | null;
    readonly language: Language;
  },
): Promise<boolean> {
  const { name, counterLaggedAt } = passkey.value;
  const event = { clientId, user, about: passkeys.idOf(passkey) };
  let told = false;
  if (signals.counterLags) {
    auditEvents.append(tx, { type: "passkey_counter_lagged", ...event });
    if (counterLaggedAt === null || tx.now - counterLaggedAt >= quiet) {
      told = true;
      await notifyUser(deps, tx, { user, reason: "passkey_counter", about: name, language });
    }
  }
  if (signals.becameSyncable) {
    told = true;
    auditEvents.append(tx, { type: "passkey_became_syncable", ...event });
    await notifyUser(deps, tx, { user, reason: "passkey_syncable", about: name, language });
  }
  return told;
}
