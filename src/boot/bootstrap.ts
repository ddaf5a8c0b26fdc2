import type { ShownPerson } from "./development.ts";
import { assertNotBuiltIn, ensureAdminResource } from "./admin_resource.ts";
import { ensureProvider } from "./ensure_provider.ts";
import type { Deps } from "../deps/deps.ts";

export interface BootstrapResult {
  /** Empty in production. */
  readonly developmentPeople: readonly ShownPerson[];
}

/**
 * Ensures at the start that the store holds everything the server needs, and the bootstrap file's
 * entries. Several processes may do so at once. A start that finds nothing to do loads little code.
 * @param bootstrapText the content of the file that LATCHKEY_BOOTSTRAP names, or null without one
 * @throws {ConfigError} about LATCHKEY_BOOTSTRAP or LATCHKEY_MASTER_KEY
 */
export async function bootstrap(
  deps: Deps,
  { bootstrapText }: { readonly bootstrapText: string | null },
): Promise<BootstrapResult> {
  const file = deps.config.bootstrapFile ?? "the bootstrap file";
  // Read the file before writing anything: a start that fails leaves the store unchanged.
  const entries = bootstrapText === null
    ? []
    : (await import("./file.ts")).parseBootstrapFile(file, bootstrapText);
  assertNotBuiltIn(deps, file, entries);
  await ensureProvider(deps);
  if (deps.config.restored) await (await import("./raise_epoch.ts")).raiseEpoch(deps);
  await ensureAdminResource(deps);
  if (entries.length > 0) await (await import("./apply_entries.ts")).applyEntries(deps, entries);
  if (deps.config.environment === "development") {
    const { ensureDevelopment, shownPeople } = await import("./development.ts");
    await ensureDevelopment(deps);
    return { developmentPeople: await shownPeople(deps) };
  }
  return { developmentPeople: [] };
}
