import type { AccountHolder } from "../../src/account/account_step.ts";
import { displayName } from "../../src/sessions/live_session.ts";
import type { ShownUser } from "../../src/ui/account/words.tsx";

/**
 * The owner of a page, as the page shows them. Times are in UTC unless the user's profile has a time
 * zone.
 */
export function shownUserOf(holder: AccountHolder): ShownUser {
  const { zoneinfo } = holder.user.value.claims;
  return { name: displayName(holder), timeZone: isTimeZone(zoneinfo) ? zoneinfo : "UTC" };
}

/** The user's mail address, and whether it is verified. */
export function emailOf({ user }: AccountHolder) {
  const { email, email_verified } = user.value.claims;
  return typeof email === "string" ? { address: email, verified: email_verified === true } : null;
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
