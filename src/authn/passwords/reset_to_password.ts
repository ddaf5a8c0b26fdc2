import * as auditEvents from "../../../stores/audit_events.ts";
import * as users from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";
import type { Device } from "../../sessions/device.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { passwordChangedMail } from "../../mail/templates/password_changed.ts";
import { readReset, readResetToken, type ResetRequest, startAnew } from "./reset_link.ts";

const day = 86_400;

/**
 * Gives a person the password that they chose. One commit spends the token, replaces the password,
 * and raises both epochs: every session, grant and earlier token of the person is dead from there on.
 *
 * @returns that the browser is known now; null if the token is unknown, expired, spent, or was meant for another state of the account
 */
export async function resetPassword(
  deps: Deps,
  { origin, token, password, language }: ResetRequest & { readonly password: string },
): Promise<Device | null> {
  // Only who has a link may make the server work for a hash.
  if (await readResetToken(deps, token) === null) return null;
  const passwordHash = await deps.passwordHasher.hash(password);
  const device = await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null) return null;
    const { user, address } = open;
    const device = startAnew(tx, open, { passwordHash });
    auditEvents.append(tx, { type: "password_reset", person: user });
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
  if (device !== null) deps.mailBell.ring();
  return device;
}
