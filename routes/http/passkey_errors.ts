import type { PasskeyError } from "../../src/ui/passkeys/step_page.tsx";

/** The status of a page that says why a passkey was refused. */
export const passkeyStatuses = {
  passkey_refused: 401,
  passkey_expired: 401,
  passkey_unverified: 401,
} as const satisfies Record<PasskeyError, number>;

export function isPasskeyError(error: string | undefined): error is PasskeyError {
  return error !== undefined && Object.hasOwn(passkeyStatuses, error);
}
