import type { Strings } from "../language/strings/en.ts";
import type { Frame } from "./layout.tsx";
import type { PasskeyError } from "./passkeys/step_page.tsx";

export type LoginError = keyof Strings["login"]["errors"];

export interface LoginPageProps {
  readonly frame: Frame;
  /** Where the form is posted. */
  readonly action: string;
  readonly interactionId: string;
  readonly formToken: string;
  /** Null: a page of our own asks who is there. */
  readonly clientName: string | null;
  /** Of our own origin. */
  readonly clientLogoUrl?: string;
  /** What was typed before, or the client's `login_hint`. */
  readonly username?: string;
  readonly error?: LoginError | PasskeyError;
  /** Whoever is signed in: "Continue as" first, the form behind "Use another account". */
  readonly currentPerson?: { readonly name: string; readonly userId: string };
  /** Where a new password is to be had. */
  readonly passwordResetUrl?: string;
  /** The script for passkeys; left out where nobody could use one. */
  readonly passkeyScriptUrl?: string;
  /** Where a link or a code is to be had by mail. */
  readonly mailSignInUrl?: string;
  /** Where an account is made, if anybody may. */
  readonly signUpUrl?: string;
  /** Where the ways back are explained. */
  readonly helpUrl?: string;
  /** Asks the person of `username` again: the name is shown and can't be changed. */
  readonly reauthenticate?: boolean;
}
