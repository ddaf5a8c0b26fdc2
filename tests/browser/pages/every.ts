import { developmentPages } from "./development.ts";
import { errorPages } from "./errors.ts";
import type { ReachablePages } from "./page.ts";
import { passwordResetPages } from "./password_reset.ts";
import { setupPages } from "./setup.ts";
import { signInPages } from "./sign_in.ts";

/** Every page that somebody can come to: each is looked at by axe, in each width, and photographed. */
export const everyPage: ReachablePages = {
  ...signInPages,
  ...passwordResetPages,
  ...setupPages,
  ...developmentPages,
  ...errorPages,
};
