import type { Strings } from "../language/strings/en.ts";
import type { Frame } from "./layout.tsx";
import type { PasskeyError } from "./passkeys/step_page.tsx";

export type LoginError = keyof Strings["login"]["errors"];

export interface LoginPageProps {
  readonly frame: Frame;
  /** The URL to which the form is posted. */
  readonly action: string;
  readonly interactionId: string;
  readonly formToken: string;
  /** Null: a page of this server asks the user to sign in. */
  readonly clientName: string | null;
  /** A URL of our own origin. */
  readonly clientLogoUrl?: string;
  /** The typed name, or the client's `login_hint`. */
  readonly username?: string;
  readonly error?: LoginError | PasskeyError;
  /** The signed-in user: "Continue as" comes first, the form is behind "Use another account". */
  readonly currentUser?: { readonly name: string; readonly userId: string };
  /** Whether that user has asked for another account: the form is open. */
  readonly wantsAnother?: boolean;
  /** The page that sets a new password. */
  readonly passwordResetUrl?: string;
  /** The script for passkeys. Left out if no passkey can be used. */
  readonly passkeyScriptUrl?: string;
  /** The page that sends a link or a code by mail. */
  readonly mailSignInUrl?: string;
  /** The page that creates an account, if sign-up is open. */
  readonly signUpUrl?: string;
  /** The page that explains account recovery. */
  readonly helpUrl?: string;
  /** Asks the user of `username` again. The name is shown and cannot be changed. */
  readonly reauthenticate?: boolean;
}
