import type { BrandSettings } from "./brand_settings.ts";
import type { Acr } from "../protocol/acr.ts";
import type { KvLocation } from "./environment.ts";
import type { MailWay } from "./mail_settings.ts";
import type { LogLevel } from "../telemetry/logger.ts";

/** What the operator decided, checked. Whoever needs a part of it gets it from here. */
export interface Config {
  readonly environment: "production" | "development";
  /** An origin, without a slash at its end: clients compare it character by character. */
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket to listen on, instead of host and port. */
  readonly socket: string | null;
  /** Seconds for which a process that was told to stop still answers, and says that it is unready. */
  readonly drainTime: number;
  /** How much of a local store may be remembered, in MB; 0: nothing. */
  readonly cacheMegabytes: number;
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
  /** Whether a resource is good for clients that nobody has registered for it, as before 0.2. */
  readonly unregisteredResources: "allow" | "refuse";
  readonly signUp: SignUpMode;
  readonly lifetimes: Lifetimes;
  /** Null: the operator has said nothing about it. */
  readonly mail: MailWay | null;
  readonly brand: BrandSettings;
  /** The path of a file with clients, users and resources to create at boot. */
  readonly bootstrapFile: string | null;
  /** Where the admin API makes backups; null: nowhere. */
  readonly backupFolder: string | null;
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
  /** Wrong guesses at the password or code of an account from one address, or from one known browser. */
  readonly signIn: Limit;
  /** The same from all strangers together, or from one known browser over a longer time. */
  readonly signInAccount: Limit;
  /** Wrong one-time codes of all accounts together from one address. */
  readonly codeAddress: Limit;
  /** Mails to one mail address. */
  readonly mail: Limit;
  /** Mails that strangers at one address ask for, to whomever they go. */
  readonly mailAddress: Limit;
  /** Mails, with which an account can be made, that are asked for from one address. */
  readonly signUp: Limit;
  /** What all strangers together have stored: requests, challenges, mails. */
  readonly strangers: Limit;
  /** Authorization requests from one address. */
  readonly authorize: Limit;
  /** Requests to any other route from one address. */
  readonly route: Limit;
  /** Failures of a client to authenticate from one address. */
  readonly clientAuthentication: Limit;
  /** The same of all clients together. */
  readonly clientAuthenticationAddress: Limit;
  /** Access tokens from one address that are no good. */
  readonly accessToken: Limit;
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

/** Why a file could not be read and what to do, to end a sentence with; it holds no path. */
export function cannotBeRead(error: unknown): string {
  const reason = error instanceof Error ? error.name : "unknown error";
  const remedy = reason === "NotCapable"
    ? "start the process with --allow-read for its folder"
    : "correct the path or its permissions";
  return `cannot be read (${reason}): ${remedy}`;
}

/** A wrong value: one sentence for the operator, which holds no value of a secret. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";

  constructor(readonly variable: string, problem: string) {
    super(`${variable} ${problem}.`);
  }
}
