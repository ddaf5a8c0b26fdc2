import type { Deps } from "../deps/deps.ts";
import type { ShownPerson } from "./development.ts";

/** Logs who may sign in at a development server, and where to try it. */
export function announceDevelopment(
  { config, logger }: Pick<Deps, "config" | "logger">,
  people: readonly ShownPerson[],
) {
  for (const { username, password } of people) {
    logger.info(
      password.kind === "known"
        ? `sign in as ${username} with the password ${password.text}`
        : password.kind === "none"
        ? `${username} has no password: sign in with a passkey or by mail`
        : `${username} has changed the password since this store was made`,
    );
  }
  logger.info(`try it: ${config.issuer}/dev/app`);
  logger.info(`mail that would have been sent: ${config.issuer}/dev/mail`);
}
