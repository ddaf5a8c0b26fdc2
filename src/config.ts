import { type BrandSettings, brandSettings } from "./branding/settings.ts";
import type { Acr } from "./authn/acr.ts";
import { closest } from "./closest.ts";
import {
  type Environment,
  environmentSchema,
  type KvLocation,
  makeMasterKey,
  masterKeySchema,
} from "./environment.ts";
import { type MailWay, mailWay } from "./mail/settings.ts";
import type { LogLevel } from "./telemetry/logger.ts";

/** What the operator decided, checked. Whoever needs a part of it gets it from here. */
export interface Config {
  readonly environment: "production" | "development";
  /** An origin, without a slash at its end: clients compare it character by character. */
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  /** How many proxies append to X-Forwarded-For; with none the header is ignored. */
  readonly trustedProxies: number;
  readonly kv: KvLocation;
  /** 32 bytes; null in development alone, where the server makes one of its own. */
  readonly masterKey: Uint8Array | null;
  readonly masterKeyPrevious: Uint8Array | null;
  readonly logLevel: LogLevel;
  /** Whether the limits hold. */
  readonly rateLimits: boolean;
  readonly limits: Limits;
  /** Whether a DPoP proof must carry a nonce of this server. @see RFC 9449 section 8 */
  readonly dpopNonce: boolean;
  /** What the sign-in of a person must be who calls the admin API. @see RFC 9470 */
  readonly admin: AdminAuthentication;
  /** Of every client, whatever its metadata say. @see RFC 9126 section 5 */
  readonly requirePushedAuthorizationRequests: boolean;
  readonly signUp: SignUpMode;
  readonly lifetimes: Lifetimes;
  /** Null: the operator has said nothing about it. */
  readonly mail: MailWay | null;
  readonly brand: BrandSettings;
  /** The path of a file with clients, users and resources to create at boot. */
  readonly bootstrapFile: string | null;
  /** Whether the store was set back to a backup: what was given out before ends at this boot. */
  readonly restored: boolean;
  readonly onDeploy: boolean;
}

/** Who may make an account: anybody with a mail address, whom an administrator invites, or nobody. */
export type SignUpMode = "open" | "invited" | "closed";

/** So many within any stretch of so many seconds; at most 1,000. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

/** How a person must have signed in for the admin API. */
export interface AdminAuthentication {
  /** The least that does; null: any. */
  readonly acr: Acr | null;
  /** Seconds since then; null: whenever it was. */
  readonly maxAge: number | null;
}

/** How often something may be done, and by whom. */
export interface Limits {
  /** Guesses at the password or code of an account from one address. */
  readonly signIn: Limit;
  /** The same from anywhere. */
  readonly signInAccount: Limit;
  /** Mails to one mail address. */
  readonly mail: Limit;
  /** Authorization requests from one address. */
  readonly authorize: Limit;
  /** Requests to any other route from one address. */
  readonly route: Limit;
  /** Failures of a client to authenticate from one address. */
  readonly clientAuthentication: Limit;
  /** The same of all clients together. */
  readonly clientAuthenticationAddress: Limit;
}

/** How long things live, in seconds; an idle time never exceeds its maximum. */
export interface Lifetimes {
  readonly code: number;
  readonly accessToken: number;
  readonly idToken: number;
  readonly refreshTokenIdle: number;
  readonly refreshTokenMax: number;
  readonly sessionIdle: number;
  readonly sessionMax: number;
  readonly interaction: number;
  readonly invitation: number;
  /** How long a key signs before the next one takes over. */
  readonly signingKey: number;
  readonly auditEvent: number;
}

/** A wrong value: one sentence for the operator, which holds no value of a secret. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";

  constructor(readonly variable: string, problem: string) {
    super(`${variable} ${problem}.`);
  }
}

/** The names of all variables that the configuration is read from. */
export const configVariables: readonly string[] = Object.keys(environmentSchema.shape);

/**
 * Reads the configuration from the environment.
 *
 * @param env all variables there are, so that a misspelt one is found
 * @param readFile reads the file of the master key as text
 * @throws {ConfigError} at the first thing that is wrong
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Config {
  assertWellFormed(env);
  const values = parse(env);
  const onDeploy = Boolean(values.DENO_DEPLOY || values.DENO_DEPLOYMENT_ID);
  const production = values.LATCHKEY_ENV === "production";
  if (onDeploy && !production) {
    throw new ConfigError(
      "LATCHKEY_ENV",
      "must not be development on Deno Deploy, where anyone could use the development people: \
remove it",
    );
  }
  return {
    environment: values.LATCHKEY_ENV,
    issuer: readIssuer(values),
    host: values.LATCHKEY_HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    port: values.PORT,
    trustedProxies: values.LATCHKEY_TRUST_PROXY,
    kv: readKv(values, onDeploy),
    ...readMasterKeys(values, readFile),
    logLevel: values.LATCHKEY_LOG_LEVEL,
    rateLimits: values.LATCHKEY_RATE_LIMITS === "on",
    limits: readLimits(values),
    dpopNonce: values.LATCHKEY_DPOP_NONCE === "on",
    admin: {
      acr: values.LATCHKEY_ADMIN_ACR ?? null,
      maxAge: values.LATCHKEY_ADMIN_MAX_AGE ?? null,
    },
    requirePushedAuthorizationRequests:
      values.LATCHKEY_REQUIRE_PUSHED_AUTHORIZATION_REQUESTS === "on",
    signUp: values.LATCHKEY_SIGN_UP ?? (production ? "closed" : "open"),
    lifetimes: readLifetimes(values),
    mail: mailWay(values, (name, problem) => new ConfigError(name, problem)),
    brand: brandSettings(values),
    bootstrapFile: values.LATCHKEY_BOOTSTRAP ?? null,
    restored: values.LATCHKEY_RESTORED === "1",
    onDeploy,
  };
}

/** Nothing may silently fall back to a default: no misspelt name, no value that got lost. */
function assertWellFormed(env: Readonly<Record<string, string | undefined>>) {
  for (const [name, value] of Object.entries(env)) {
    const known = configVariables.includes(name);
    if (!known && /^latchkey_/i.test(name)) {
      const meant = closest(name.toUpperCase(), configVariables);
      throw new ConfigError(
        name,
        `is unknown: it may be meant to be ${meant}; rename or remove it`,
      );
    }
    if (!known || name.startsWith("DENO_") || value === undefined) continue;
    if (value === "") throw new ConfigError(name, "is empty: give it a value or remove it");
    if (value.trim() !== value) throw new ConfigError(name, "has white space around its value");
  }
}

function parse(env: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = environmentSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(String(issue?.path[0]), issue?.message ?? "is wrong");
}

function readIssuer(values: Environment): string {
  if (values.LATCHKEY_ISSUER !== undefined) return values.LATCHKEY_ISSUER;
  // Never from a Host header: whoever sends the request chooses that.
  if (values.LATCHKEY_ENV === "production") {
    throw new ConfigError(
      "LATCHKEY_ISSUER",
      "is missing: set it to the origin people reach this server at, such as \
https://id.example.com",
    );
  }
  return new URL(`http://localhost:${values.PORT}`).origin;
}

function readKv(values: Environment, onDeploy: boolean): KvLocation {
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

function readMasterKeys(values: Environment, readFile: (path: string) => string) {
  const masterKey = readMasterKey(values, readFile);
  const masterKeyPrevious = values.LATCHKEY_MASTER_KEY_PREVIOUS ?? null;
  if (masterKey === null && values.LATCHKEY_ENV === "production") {
    throw new ConfigError(
      "LATCHKEY_MASTER_KEY",
      `is missing: make one with \`${makeMasterKey}\`, keep it safe, and set it here or in a file \
that LATCHKEY_MASTER_KEY_FILE names`,
    );
  }
  if (masterKeyPrevious !== null && masterKey === null) {
    throw new ConfigError(
      "LATCHKEY_MASTER_KEY_PREVIOUS",
      "is set without a current key: set LATCHKEY_MASTER_KEY as well, or remove it",
    );
  }
  if (masterKeyPrevious !== null && String(masterKeyPrevious) === String(masterKey)) {
    throw new ConfigError(
      "LATCHKEY_MASTER_KEY_PREVIOUS",
      "is the same as the current key: set it to the one before, or remove it",
    );
  }
  return { masterKey, masterKeyPrevious };
}

function readMasterKey(values: Environment, readFile: (path: string) => string): Uint8Array | null {
  const path = values.LATCHKEY_MASTER_KEY_FILE;
  if (path === undefined) return values.LATCHKEY_MASTER_KEY ?? null;
  const refuse = (problem: string) => new ConfigError("LATCHKEY_MASTER_KEY_FILE", problem);
  if (values.LATCHKEY_MASTER_KEY !== undefined) {
    throw refuse("is set beside LATCHKEY_MASTER_KEY: remove one of them");
  }
  let content: string;
  try {
    content = readFile(path);
  } catch (error) {
    // Without the path, since someone may have put the key itself there.
    const reason = error instanceof Error ? error.name : "unknown error";
    throw refuse(
      `names a file that cannot be read (${reason}): correct the path or its permissions`,
    );
  }
  const key = masterKeySchema.safeParse(content.trim());
  if (!key.success) throw refuse(`names a file whose content ${key.error.issues[0]?.message}`);
  return key.data;
}

function readLimits(values: Environment): Limits {
  return {
    signIn: values.LATCHKEY_RATE_LIMIT_SIGN_IN,
    signInAccount: values.LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT,
    mail: values.LATCHKEY_RATE_LIMIT_MAIL,
    authorize: values.LATCHKEY_RATE_LIMIT_AUTHORIZE,
    route: values.LATCHKEY_RATE_LIMIT_ROUTE,
    clientAuthentication: values.LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION,
    clientAuthenticationAddress: values.LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION_ADDRESS,
  };
}

function readLifetimes(values: Environment): Lifetimes {
  return {
    code: values.LATCHKEY_LIFETIME_CODE,
    accessToken: values.LATCHKEY_LIFETIME_ACCESS_TOKEN,
    idToken: values.LATCHKEY_LIFETIME_ID_TOKEN,
    refreshTokenIdle: idle(values, "REFRESH_TOKEN", 30 * day),
    refreshTokenMax: values.LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX,
    sessionIdle: idle(values, "SESSION", day),
    sessionMax: values.LATCHKEY_LIFETIME_SESSION_MAX,
    interaction: values.LATCHKEY_LIFETIME_INTERACTION,
    invitation: values.LATCHKEY_LIFETIME_INVITATION,
    signingKey: values.LATCHKEY_LIFETIME_SIGNING_KEY,
    auditEvent: values.LATCHKEY_LIFETIME_AUDIT_EVENT,
  };
}

const day = 24 * 60 * 60;

function idle(values: Environment, what: "REFRESH_TOKEN" | "SESSION", usual: number): number {
  const most = values[`LATCHKEY_LIFETIME_${what}_MAX`];
  // A maximum below the usual idle time is a choice; the operator need not set both.
  const chosen = values[`LATCHKEY_LIFETIME_${what}_IDLE`] ?? Math.min(usual, most);
  if (chosen <= most) return chosen;
  throw new ConfigError(
    `LATCHKEY_LIFETIME_${what}_IDLE`,
    `must not exceed LATCHKEY_LIFETIME_${what}_MAX, which is ${most}: lower it or raise the other`,
  );
}
