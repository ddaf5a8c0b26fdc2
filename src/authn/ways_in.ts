import type { User } from "../../stores/users.ts";

/**
 * Whether a person could not sign in any more without this password or this passkey. A link or a code by
 * mail is a way back, and nothing to rely on: who reads the mail is another question.
 */
export function isLastWayIn(
  { passwordHash, passkeys }: Pick<User, "passwordHash" | "passkeys">,
  without: "password" | { readonly passkeyId: string },
): boolean {
  if (without === "password") return passkeys.length === 0;
  return passwordHash === null && passkeys.every((passkeyId) => passkeyId === without.passkeyId);
}
