import type { Origin } from "../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import { normalName } from "../identifiers/username.ts";
import type { Deps } from "../deps/deps.ts";
import { chooseLanguage } from "../language/languages.ts";
import { limitedKey } from "../limits/limited_key.ts";
import type { Quota } from "../limits/reservation.ts";
import type { GuessAt } from "../limits/sign_in.ts";
import { isFull, windowOf, withOneMore, writeWindow } from "../limits/sliding_window.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { failedSignInsMail } from "../mail/templates/failed_sign_ins.ts";

/** At most one mail a day, so that guesses cannot fill an inbox either. */
const once = { count: 1, seconds: 86_400 };
const usefulFor = 2 * 86_400;

/**
 * The part of the hourly limit that counts as many. Somebody who fails at the second factor has passed
 * the first, so a few failures there are worth a mail.
 */
const many: Readonly<Record<GuessAt, number>> = { "sign-in": 0.5, "second-factor": 0.1 };

/**
 * Tells the owner of an account by mail about many wrong guesses, at most once a day. For an unknown
 * name the same reads and writes are done, so that the time reveals nothing.
 *
 * @param quotas the rest of the limits after a wrong guess; none after a right one
 */
export async function tellOwnerOfFailures(
  deps: Deps,
  { origin, at, username, quotas }: {
    readonly origin: Origin;
    readonly at: GuessAt;
    readonly username: string;
    readonly quotas: readonly Quota[];
  },
): Promise<void> {
  const hourly = quotas.find(({ name }) => name === `${at}-account` || name === `${at}-browser`);
  if (hourly === undefined) return;
  const { limit: { count }, remaining } = hourly;
  if (count - remaining < Math.max(1, count * many[at])) return;
  const key = await limitedKey("failures-told", once, normalName(username));
  const hasTold = await deps.kv.step(origin, async (tx) => {
    const first = await tx.read({ ...identifierRefs(username), log: key.ref });
    const userId = ownerOfIdentifier(first, username) ?? "nobody";
    const { user } = await tx.read({ user: users.ref(userId) });
    const window = windowOf(tx, key, first.log);
    if (isFull(window, once)) return false;
    writeWindow(tx, key, first.log, withOneMore(window));
    const owner = user.value?.status === "active" ? user.value : null;
    const { locale } = owner?.claims ?? {};
    await enqueueMail(deps, tx, {
      to: owner && users.verifiedEmail(owner.claims),
      userId: owner === null ? null : String(user.ref.key[1]),
      template: "failed_sign_ins",
      written: failedSignInsMail(chooseLanguage(typeof locale === "string" ? locale : null), {
        at,
        username: owner?.username ?? username,
        issuer: deps.config.issuer,
        brand: deps.brand,
      }),
      usefulFor,
    });
    return true;
  });
  if (hasTold) deps.mailWakeUp.wake();
}
