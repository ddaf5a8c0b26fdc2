import * as auditEvents from "../../../stores/audit_events.ts";
import * as users from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";
import type { Device } from "../../sessions/device.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { passwordChangedMail } from "../../mail/templates/password_changed.ts";
import { verifyOnce } from "./verify_once.ts";
import { readReset, readResetToken, type ResetRequest, startAnew } from "./reset_link.ts";

const day = 86_400;

/**
 * Sets the password that a user chose. One commit spends the token, replaces the password, and raises
 * both epochs: every session, grant and earlier token of the user ends.
 *
 * @returns the mark by which the browser is known; `same` if it is the password that must be changed;
 *   null if the token is unknown, expired, spent, or was for another state of the account
 */
export async function resetPassword(
  deps: Deps,
  { origin, token, password, language }: ResetRequest & { readonly password: string },
): Promise<Device | "same" | null> {
  // Only a request with a valid link may cause the work of a hash.
  if (await readResetToken(deps, token) === null) return null;
  const passwordHash = await deps.passwordHasher.hash(password);
  const isPassword = verifyOnce(deps, password, true);
  const device = await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null) return null;
    const { user, address } = open;
    const { mustChangePassword, passwordHash: before } = user.value;
    if (mustChangePassword && before !== null && await isPassword(before)) return "same";
    const device = startAnew(tx, open, { passwordHash });
    auditEvents.append(tx, { type: "password_reset", user });
    if (address === null) return device; // a mail reports this, because an attacker could have used a mail
    await enqueueMail(deps, tx, {
      to: address,
      userId: users.idOf(user),
      template: "password_changed",
      written: passwordChangedMail(language, {
        username: user.value.username,
        url: `${deps.config.issuer}/password-reset`,
        issuer: deps.config.issuer,
        brand: deps.brand,
      }),
      usefulFor: 2 * day,
    });
    return device;
  });
  if (device !== null && device !== "same") deps.mailWakeUp.wake();
  return device;
}
