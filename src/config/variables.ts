import { ConfigError } from "./config_error.ts";

/**
 * The names of all variables that the configuration is read from, in the order of the schema. They stand here
 * once more, so that whoever needs the names alone loads no schema.
 */
export const configVariables: readonly string[] = [
  "LATCHKEY_ENV",
  "LATCHKEY_ISSUER",
  "LATCHKEY_MASTER_KEY",
  "LATCHKEY_MASTER_KEY_FILE",
  "LATCHKEY_MASTER_KEY_PREVIOUS",
  "LATCHKEY_KV",
  "PORT",
  "LATCHKEY_HOST",
  "LATCHKEY_SOCKET",
  "LATCHKEY_DRAIN_TIME",
  "LATCHKEY_CACHE_MB",
  "LATCHKEY_NATIVE_CRYPTO",
  "LATCHKEY_TRUST_PROXY",
  "LATCHKEY_LOG_LEVEL",
  "LATCHKEY_RATE_LIMITS",
  "LATCHKEY_RATE_LIMIT_SIGN_IN",
  "LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT",
  "LATCHKEY_RATE_LIMIT_CODE_ADDRESS",
  "LATCHKEY_RATE_LIMIT_USER_CODE",
  "LATCHKEY_RATE_LIMIT_MAIL",
  "LATCHKEY_RATE_LIMIT_MAIL_ADDRESS",
  "LATCHKEY_RATE_LIMIT_SIGN_UP",
  "LATCHKEY_RATE_LIMIT_STRANGERS",
  "LATCHKEY_RATE_LIMIT_AUTHORIZE",
  "LATCHKEY_RATE_LIMIT_ROUTE",
  "LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION",
  "LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION_ADDRESS",
  "LATCHKEY_RATE_LIMIT_ACCESS_TOKEN",
  "LATCHKEY_RATE_LIMIT_REGISTRATION",
  "LATCHKEY_RATE_LIMIT_OUTGOING_HOST",
  "LATCHKEY_RATE_LIMIT_OUTGOING_ADDRESS",
  "LATCHKEY_DPOP_NONCE",
  "LATCHKEY_ADMIN_ACR",
  "LATCHKEY_ADMIN_MAX_AGE",
  "LATCHKEY_REQUIRE_PUSHED_AUTHORIZATION_REQUESTS",
  "LATCHKEY_IMPLICIT",
  "LATCHKEY_REQUIRE_SIGNED_REQUEST_OBJECT",
  "LATCHKEY_UNREGISTERED_RESOURCES",
  "LATCHKEY_REGISTRATION",
  "LATCHKEY_REGISTRATION_SCOPES",
  "LATCHKEY_SIGN_UP",
  "LATCHKEY_LIFETIME_CODE",
  "LATCHKEY_LIFETIME_REQUEST_URI",
  "LATCHKEY_LIFETIME_DEVICE_CODE",
  "LATCHKEY_LIFETIME_BACKCHANNEL_REQUEST",
  "LATCHKEY_LIFETIME_ACCESS_TOKEN",
  "LATCHKEY_LIFETIME_ID_TOKEN",
  "LATCHKEY_LIFETIME_REFRESH_TOKEN_IDLE",
  "LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX",
  "LATCHKEY_LIFETIME_SESSION_IDLE",
  "LATCHKEY_LIFETIME_SESSION_MAX",
  "LATCHKEY_LIFETIME_INTERACTION",
  "LATCHKEY_LIFETIME_SIGNING_KEY",
  "LATCHKEY_LIFETIME_INVITATION",
  "LATCHKEY_LIFETIME_AUDIT_EVENT",
  "LATCHKEY_LIFETIME_AUDIT_SIGN_INS",
  "LATCHKEY_LIFETIME_AUDIT_TOKENS",
  "LATCHKEY_LIFETIME_AUDIT_ADMINISTRATION",
  "LATCHKEY_MAIL",
  "LATCHKEY_MAIL_FROM",
  "LATCHKEY_MAIL_SMTP_URL",
  "LATCHKEY_MAIL_HTTP_URL",
  "LATCHKEY_MAIL_HTTP_HEADERS",
  "LATCHKEY_MAIL_HTTP_BODY",
  "LATCHKEY_OUTGOING_HOSTS",
  "LATCHKEY_OUTGOING_PRIVATE_NETWORKS",
  "LATCHKEY_CLIENT_ID_DOCUMENTS",
  "LATCHKEY_CLIENT_ID_DOCUMENT_HOSTS",
  "LATCHKEY_SOFTWARE_STATEMENT_ISSUERS",
  "LATCHKEY_CLIENT_CERTIFICATE_HEADER",
  "LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER",
  "LATCHKEY_CLIENT_CERTIFICATE_PROXIES",
  "LATCHKEY_CLIENT_CERTIFICATE_ORIGIN",
  "LATCHKEY_TRUSTED_ISSUERS",
  "LATCHKEY_WORKLOAD_ISSUERS",
  "LATCHKEY_BRAND_NAME",
  "LATCHKEY_BRAND_LOGO_FILE",
  "LATCHKEY_BRAND_COLOUR",
  "LATCHKEY_BRAND_LINKS",
  "LATCHKEY_BOOTSTRAP",
  "LATCHKEY_BACKUP_FOLDER",
  "LATCHKEY_RESTORED",
  "DENO_DEPLOY",
  "DENO_DEPLOYMENT_ID",
];

const prefix = "LATCHKEY_";

/** Of KV Connect: Deno reads it, and says nothing of white space in it. */
export const storeToken = "DENO_KV_ACCESS_TOKEN";

/** Paths that are not checked further when they are read. An absolute one cannot begin with `~` or `$`. */
const paths: readonly string[] = [
  "LATCHKEY_KV",
  "LATCHKEY_MASTER_KEY_FILE",
  "LATCHKEY_BOOTSTRAP",
  "LATCHKEY_BRAND_LOGO_FILE",
];

/**
 * No setting may silently fall back to its default, and none may mean something else than was written:
 * neither a misspelt name, nor an empty value, nor what a shell would have taken away or replaced.
 * @throws {ConfigError}
 */
export function assertWellFormed(env: Readonly<Record<string, string | undefined>>) {
  for (const [name, value] of Object.entries(env)) {
    assertKnown(name, value);
    const known = configVariables.includes(name) && !name.startsWith("DENO_");
    if (value === undefined || !(known || name === storeToken)) continue;
    const problem = problemOf(value) ?? (paths.includes(name) ? pathProblem(value) : null);
    if (problem !== null) throw new ConfigError(name, problem);
  }
}

function problemOf(value: string): string | null {
  if (value === "") return "is empty: give it a value or remove it";
  if (value.trim() !== value) {
    return "has white space around its value: remove it, and a line break at its end";
  }
  // Docker and others take quotes in a file of variables for a part of the value.
  if (/^(["'`]).*\1$/s.test(value)) return "has quotes around its value: remove them";
  return null;
}

function pathProblem(value: string): string | null {
  // deno-lint-ignore no-control-regex -- a file of several lines was set instead of its path
  if (/[\x00-\x1f\x7f]/.test(value)) return "must have no line breaks and no control characters";
  return /^[~$]/.test(value) ? "must be the whole path: no shell replaces ~ and $ here" : null;
}

/** @throws {ConfigError} if the name looks like one of our variables but is not one */
export function assertKnown(name: string, value = "") {
  if (configVariables.includes(name) || !/^latchkey_/i.test(name)) return;
  if (isOfKubernetes(name, value)) return;
  throw new ConfigError(
    name,
    `is unknown: it may be meant to be ${likelyVariable(name)}; rename or remove it`,
  );
}

/**
 * Whether Kubernetes made the variable. For each service of a namespace it gives its pods some, and a service
 * of this server is mostly called `latchkey`. Nobody wrote them, so they cannot be misspelt.
 */
function isOfKubernetes(name: string, value: string): boolean {
  return /^LATCHKEY_([A-Z0-9]+_)*SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) ||
    /^LATCHKEY_([A-Z0-9]+_)*PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (/^LATCHKEY_([A-Z0-9]+_)*PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value));
}

/** Some of our names are without the prefix: `LATCHKEY_PORT` is meant to be `PORT`. */
function likelyVariable(name: string): string | undefined {
  const spelt = (variable: string) => variable.startsWith(prefix) ? variable : prefix + variable;
  const meant = likelyName(name.toUpperCase(), configVariables.map(spelt));
  return configVariables.find((variable) => spelt(variable) === meant);
}

/** The candidate that `text` is probably a typo of: the one with the fewest edits. */
export function likelyName(text: string, candidates: readonly string[]): string | undefined {
  const byDistance = candidates.map((candidate) => ({
    candidate,
    distance: distance(text, candidate),
  }));
  return byDistance.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** Insertions, deletions and replacements from one text to the other (Levenshtein). */
function distance(a: string, b: string): number {
  // `row[j]` is the distance from the part of `a` read so far to the first `j` characters of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (character === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
