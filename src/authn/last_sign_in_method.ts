import type { User } from "../../stores/users.ts";

/**
 * Whether the user could no longer sign in without this password or this passkey. A link or a code by
 * mail is for recovery and does not count, because somebody else may read the mail.
 */
export function isLastWayIn(
  { passwordHash, passkeys }: Pick<User, "passwordHash" | "passkeys">,
  without: "password" | { readonly passkeyId: string },
): boolean {
  if (without === "password") return passkeys.length === 0;
  return passwordHash === null && passkeys.every((passkeyId) => passkeyId === without.passkeyId);
}
