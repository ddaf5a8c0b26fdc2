import { accountPages } from "./account.ts";
import { accountSecurityPages } from "./account_security.ts";
import { devicePages, requestPages } from "./device.ts";
import { developmentPages } from "./development.ts";
import { errorPages } from "./errors.ts";
import { mailSignInPages } from "./mail_sign_in.ts";
import type { ReachablePages } from "./page.ts";
import { passwordResetPages } from "./password_reset.ts";
import { secondFactorPages } from "./second_factor.ts";
import { setupPages } from "./setup.ts";
import { signInPages } from "./sign_in.ts";

/** What people come to on their way in, and what goes wrong there. */
export const pagesOnTheWayIn: ReachablePages = {
  ...signInPages,
  ...secondFactorPages,
  ...mailSignInPages,
  ...passwordResetPages,
  ...setupPages,
  ...devicePages,
  ...errorPages,
};

/** What people come to when they are in, and what a developer sees. */
export const pagesInside: ReachablePages = {
  ...accountPages,
  ...accountSecurityPages,
  ...requestPages,
  ...developmentPages,
};

/** Every page that somebody can come to: each is looked at by axe, in each width, and photographed. */
export const everyPage: ReachablePages = { ...pagesOnTheWayIn, ...pagesInside };
