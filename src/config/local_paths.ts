import { ConfigError } from "./config_error.ts";
import type { Environment, KvLocation } from "./environment.ts";

/** Whether `deno task build` has made what runs here: a bundler writes JavaScript. */
export const isBuilt = !import.meta.url.endsWith(".ts");

/**
 * Refuses paths that depend on the folder where a built server was started. That is mostly its own
 * folder, which the next build replaces; and a store that is elsewhere, such as beside the sources, would
 * silently not be found there.
 * @throws {ConfigError} at the first relative path
 */
export function assertAbsolutePaths(values: Environment, kv: KvLocation) {
  const paths: Readonly<Record<string, string | undefined>> = {
    LATCHKEY_KV: kv.kind === "file" ? kv.path : undefined,
    LATCHKEY_MASTER_KEY_FILE: values.LATCHKEY_MASTER_KEY_FILE,
    LATCHKEY_BOOTSTRAP: values.LATCHKEY_BOOTSTRAP,
    LATCHKEY_BRAND_LOGO_FILE: values.LATCHKEY_BRAND_LOGO_FILE,
  };
  for (const [name, path] of Object.entries(paths)) {
    if (path === undefined || isAbsolute(path)) continue;
    // Do not show the path: the operator may have put a key there by mistake.
    throw new ConfigError(
      name,
      values[name as keyof Environment] === undefined
        ? "is missing: a built server needs the absolute path of its store, such as \
/var/lib/latchkey/kv.sqlite"
        : "must be an absolute path for a built server, whose folder the next build replaces",
    );
  }
}

/** On Windows a path may begin with a drive. */
function isAbsolute(path: string): boolean {
  return /^([/\\]|[A-Za-z]:[/\\])/.test(path);
}

/** Where the state is: what LATCHKEY_KV says, Deno Deploy's own store, or a file. */
export function readKv(values: Environment, onDeploy: boolean): KvLocation {
  const kv = values.LATCHKEY_KV;
  if (!onDeploy) return kv ?? { kind: "file", path: ".latchkey/kv.sqlite" };
  if (kv?.kind === "file" || kv?.kind === "memory") {
    throw new ConfigError(
      "LATCHKEY_KV",
      "must not be a file or :memory: on Deno Deploy, where neither lasts: remove it to use \
Deploy's own KV",
    );
  }
  return kv ?? { kind: "default" };
}
