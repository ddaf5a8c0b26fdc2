import { needsSetup } from "../authn/new_accounts/needs_setup.ts";
import type { Deps } from "../deps/deps.ts";

/** The link that creates the first administrator; null: users exist, or this is development. */
export async function firstSetupLink(deps: Deps): Promise<string | null> {
  if (!await needsSetup(deps)) return null;
  const { issueSetupLink } = await import("../authn/new_accounts/setup.ts");
  return await issueSetupLink(deps);
}

/** Milliseconds until another attempt. */
const pause = 5000;

/**
 * Logs the link that creates the first administrator. Nobody but an operator waits for it, so the server
 * listens before. It never throws: while the store accepts no commit, it tries again.
 * @param ending ends it
 */
export async function logSetupLink(deps: Deps, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    try {
      const link = await firstSetupLink(deps);
      if (link !== null) deps.logger.info(`make the first administrator: ${link}`);
      return;
    } catch (error) {
      deps.logger.warn("the link for the first administrator could not be made", { error });
      await deps.timers.sleep(pause, ending);
    }
  }
}
