import type { Deps } from "../deps/deps.ts";
import { shownPeople } from "./development.ts";

/**
 * Warns of the users of a development server in the store of a production server: their first passwords are
 * public. A production server has them if it was started once with LATCHKEY_ENV=development, or on a file that
 * a development server made.
 */
export async function warnOfDevelopmentPeople(deps: Deps) {
  if (deps.config.environment !== "production") return;
  try {
    for (const { username, password } of await shownPeople(deps)) {
      if (password.kind === "known") deps.logger.warn(warningOf(username));
    }
  } catch (error) {
    // The next boot looks again. No request waits for this, and none is worse off.
    deps.logger.warn("the users of a development server were not looked for", { error });
  }
}

function warningOf(username: string): string {
  return `everybody knows the password of the user ${username}, whom a development server has made: \
delete the user, or set another password`;
}
