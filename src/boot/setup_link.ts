import { needsSetup } from "../authn/new_accounts/needs_setup.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * The link that creates the first administrator; null: users exist, or this is development. Nobody waits
 * for it but an operator, so the server listens before.
 */
export async function firstSetupLink(deps: Deps): Promise<string | null> {
  if (!await needsSetup(deps)) return null;
  const { issueSetupLink } = await import("../authn/new_accounts/setup.ts");
  return await issueSetupLink(deps);
}
