import { ConfigError } from "./config_error.ts";
import { webUrl } from "../identifiers/web_url.ts";

/** The location of the store; `default` is Deno Deploy's own KV. */
export type KvLocation =
  | { readonly kind: "default" }
  | { readonly kind: "memory" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "remote"; readonly url: string };

/** The variables that say where something is. */
interface Paths {
  readonly LATCHKEY_KV?: KvLocation | undefined;
  readonly LATCHKEY_MASTER_KEY_FILE?: string | undefined;
  readonly LATCHKEY_BOOTSTRAP?: string | undefined;
  readonly LATCHKEY_BRAND_LOGO_FILE?: string | undefined;
}

/** Whether `deno task build` has made what runs here: a bundler writes JavaScript. */
export const isBuilt = !import.meta.url.endsWith(".ts");

/**
 * Refuses paths that depend on the folder where a built server was started. That is mostly its own
 * folder, which the next build replaces; and a store that is elsewhere, such as beside the sources, would
 * silently not be found there.
 * @throws {ConfigError} at the first relative path
 */
export function assertAbsolutePaths(values: Paths, kv: KvLocation) {
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
      values[name as keyof Paths] === undefined
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
export function readKv(values: Paths, onDeploy: boolean): KvLocation {
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

/** The store that a value means, or a description of what is wrong with it. */
export function kvLocation(text: string): KvLocation | string {
  if (text === ":memory:") return { kind: "memory" };
  if (isHostWithoutScheme(text)) {
    return "must begin with http:// or https:// if it is the URL of a KV Connect server, and with / or ./ \
if it is a file's path";
  }
  if (text.startsWith(":")) return "must be a file's path, :memory: or a URL";
  if (!text.includes("://")) return { kind: "file", path: text };
  const url = webUrl(text);
  if (url === null) {
    return "must be a file's path, :memory: or the http or https URL of a KV Connect server";
  }
  if (url.username !== "" || url.password !== "") {
    return "must hold no user name and no password: put the token into DENO_KV_ACCESS_TOKEN";
  }
  if (/[?#]/.test(text)) return "must have no query and no fragment";
  return { kind: "remote", url: text };
}

/**
 * Whether it looks like a server that lacks its scheme, as `127.0.0.1:4512` or `kv.example.com`. As a file it
 * would be a new and empty store, which no other process shares.
 */
function isHostWithoutScheme(text: string): boolean {
  return /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}(\/|$)/.test(text) ||
    /^https?:(?!\/\/)/i.test(text) || isHost(text.replace(/\/$/, ""));
}

/** Whether it is an address, `localhost`, or a name that ends as names of hosts do and those of files do not. */
function isHost(text: string): boolean {
  if (/^localhost$/i.test(text) || /^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return true;
  if (/^\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*\]?$/i.test(text)) return true;
  const labels = text.toLowerCase().split(".");
  const ending = labels.pop() ?? "";
  return labels.length > 0 && labels.every((label) => /^[a-z0-9_-]+$/.test(label)) &&
    (hostEndings.includes(ending) || (/^[a-z]{2}$/.test(ending) && !fileEndings.includes(ending)));
}

const hostEndings = [
  ...["com", "net", "org", "info", "dev", "app", "cloud", "example", "localhost", "localdomain"],
  ...["internal", "intranet", "local", "lan", "home", "corp", "arpa", "svc", "test"],
];
/** Of two letters, as countries have. */
const fileEndings = ["db", "kv"];
