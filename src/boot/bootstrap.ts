import type { ShownPerson } from "./development.ts";
import { assertNotBuiltIn, ensureAdminResource } from "./admin_resource.ts";
import { ensureProvider } from "./ensure_provider.ts";
import type { Deps } from "../deps/deps.ts";
import type { AppliedEntry } from "./applied_entries.ts";
import type { Entry } from "./entries.ts";

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
  const { applied, pending } = await readFile(deps, file, bootstrapText);
  assertNotBuiltIn(deps, file, [...applied, ...pending]);
  await ensureProvider(deps);
  if (deps.config.restored) await (await import("./raise_epoch.ts")).raiseEpoch(deps);
  await ensureAdminResource(deps);
  const unknown = applied.filter(({ isSecretKnown }) => !isSecretKnown);
  if (unknown.length > 0) {
    await (await import("./applied_secrets.ts")).rememberSecrets(deps, unknown);
  }
  if (pending.length > 0) await (await import("./apply_entries.ts")).applyEntries(deps, pending);
  if (deps.config.environment === "development") {
    const { ensureDevelopment, shownPeople } = await import("./development.ts");
    await ensureDevelopment(deps);
    return { developmentPeople: await shownPeople(deps) };
  }
  return { developmentPeople: [] };
}

/** @returns the entries, which all were applied, or of which any may have to be */
async function readFile(deps: Deps, file: string, text: string | null): Promise<FileEntries> {
  if (text === null) return { applied: [], pending: [] };
  const { appliedEntries } = await import("./applied_entries.ts");
  const applied = await appliedEntries(deps, text);
  if (applied !== null) return { applied, pending: [] };
  const { parseBootstrapFile } = await import("./file.ts");
  return { applied: [], pending: parseBootstrapFile(file, text) };
}

interface FileEntries {
  readonly applied: readonly AppliedEntry[];
  readonly pending: readonly Entry[];
}
