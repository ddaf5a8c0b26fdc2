import type { AuditEventKind } from "../../stores/audit_event_types.ts";
import type { BrandSettings } from "./brand_settings.ts";
import type { ClientCertificateSettings } from "./certificate_settings.ts";
import type { Acr } from "../protocol/acr.ts";
import type { KvLocation } from "./local_paths.ts";
import type { MailWay } from "./mail_settings.ts";
import type { ClientIdDocuments, OutgoingSettings } from "./outgoing_settings.ts";
import type { TrustedIssuer } from "./trusted_issuers.ts";
import type { LogLevel } from "../telemetry/logger.ts";
import type { WorkloadIssuer } from "./workload_issuers.ts";

/** The operator's settings, checked. */
export interface Config {
  readonly environment: "production" | "development";
  /** An origin, without a slash at its end: clients compare it character by character. */
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket to listen on, instead of host and port. */
  readonly socket: string | null;
  /** Seconds for which a process that was told to stop still answers, while it reports that it is unready. */
  readonly drainTime: number;
  /** Megabytes of cache for a local store; 0: no cache. */
  readonly cacheMegabytes: number;
  /** The path of OpenSSL 3's libcrypto, which then makes the signatures; null: WebCrypto makes them. */
  readonly nativeCrypto: string | null;
  /** The number of proxies that append to X-Forwarded-For; with 0 the header is ignored. */
  readonly trustedProxies: number;
  readonly kv: KvLocation;
  /** 32 bytes; null only in development, where the server creates its own key. */
  readonly masterKey: Uint8Array | null;
  readonly masterKeyPrevious: Uint8Array | null;
  readonly logLevel: LogLevel;
  /** Whether the rate limits are enforced. */
  readonly rateLimits: boolean;
  readonly limits: Limits;
  /** Whether a DPoP proof must carry a nonce of this server. @see RFC 9449 section 8 */
  readonly dpopNonce: boolean;
  /** How a user must have signed in to call the admin API. @see RFC 9470 */
  readonly admin: AdminAuthentication;
  /** Required of every client, whatever its metadata say. @see RFC 9126 section 5 */
  readonly requirePushedAuthorizationRequests: boolean;
  /** Whether clients may get tokens through the browser. @see RFC 9700 section 2.1.2 */
  readonly implicit: boolean;
  /** The same for requests in signed objects. @see RFC 9101 section 10.5 */
  readonly requireSignedRequestObject: boolean;
  /** Whether clients may use a resource that they are not registered for, as before 0.2. */
  readonly unregisteredResources: "allow" | "refuse";
  readonly signUp: SignUpMode;
  /** Who may register a client: anybody, the holder of an initial access token, or only operators. */
  readonly registration: "open" | "token" | "off";
  /** The issuers of software statements that are trusted, each with the URL of its keys. */
  readonly softwareStatementIssuers: Readonly<Record<string, string>>;
  /** Scope names beyond OpenID Connect's own that clients may register for themselves. */
  readonly registrationScopes: readonly string[];
  readonly lifetimes: Lifetimes;
  /** Null: the operator has not set it. */
  readonly mail: MailWay | null;
  readonly outgoing: OutgoingSettings;
  readonly clientIdDocuments: ClientIdDocuments;
  /** Null: no client has a certificate. @see RFC 8705 */
  readonly clientCertificates: ClientCertificateSettings | null;
  /** Servers whose assertions about users some clients may exchange for tokens. */
  readonly trustedIssuers: readonly TrustedIssuer[];
  /** The issuers whose tokens say which workload a client is. */
  readonly workloadIssuers: readonly WorkloadIssuer[];
  readonly brand: BrandSettings;
  /** The path of a file with clients, users and resources to create at boot. */
  readonly bootstrapFile: string | null;
  /** The folder for backups made through the admin API; null: none. */
  readonly backupFolder: string | null;
  /** Whether the store was restored from a backup: then everything issued before ends at this start. */
  readonly restored: boolean;
  readonly onDeploy: boolean;
}

/** Who can create an account: anyone with a mail address, only invited people, or no one. */
export type SignUpMode = "open" | "invited" | "closed";

/** At most `count` events within any period of `seconds`; `count` is at most 1,000. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

/** How a user must have signed in for the admin API. */
export interface AdminAuthentication {
  /** The lowest accepted level; null: any. */
  readonly acr: Acr | null;
  /** Seconds since the sign-in; null: no limit. */
  readonly maxAge: number | null;
}

/** How often each action is allowed, and for which subject. */
export interface Limits {
  /** Wrong guesses at the password or code of one account, from one address or from one known browser. */
  readonly signIn: Limit;
  /** The same from all strangers together, or from one known browser over a longer period. */
  readonly signInAccount: Limit;
  /** Wrong one-time codes for all accounts together, from one address. */
  readonly codeAddress: Limit;
  /** Wrong user codes of devices, of everybody together. */
  readonly userCode: Limit;
  /** Mails to one mail address. */
  readonly mail: Limit;
  /** Mails that strangers at one address request, to any recipients. */
  readonly mailAddress: Limit;
  /** Mails for creating an account that are requested from one address. */
  readonly signUp: Limit;
  /** Clients that are registered from one address. */
  readonly registration: Limit;
  /** Records that all strangers together have stored: requests, challenges, mails. */
  readonly strangers: Limit;
  /** Authorization requests from one address. */
  readonly authorize: Limit;
  /** Requests to any other route from one address. */
  readonly route: Limit;
  /** Failed authentications of one client from one address. */
  readonly clientAuthentication: Limit;
  /** The same for all clients together. */
  readonly clientAuthenticationAddress: Limit;
  /** Invalid access tokens from one address. */
  readonly accessToken: Limit;
  /** Requests that leave this server for one host, such as for a client's keys. */
  readonly outgoingHost: Limit;
  /** The same to all hosts, caused by requests from one address. */
  readonly outgoingAddress: Limit;
}

/** Lifetimes in seconds; an idle time never exceeds its maximum. */
export interface Lifetimes {
  readonly code: number;
  /** Of a pushed request. */
  readonly requestUri: number;
  /** Of a device code and its user code. */
  readonly deviceCode: number;
  /** Of a request to a user who is elsewhere; the client may ask for less. */
  readonly backchannelRequest: number;
  readonly accessToken: number;
  readonly idToken: number;
  readonly refreshTokenIdle: number;
  readonly refreshTokenMax: number;
  readonly sessionIdle: number;
  readonly sessionMax: number;
  readonly interaction: number;
  readonly invitation: number;
  /** How long a key signs before the next one replaces it. */
  readonly signingKey: number;
  readonly auditEvent: number;
  /** Of one kind of audit events, if it is kept for another time. */
  readonly auditEventOfKind: Readonly<Partial<Record<AuditEventKind, number>>>;
}

/** Seconds for which audit events of a kind are kept. */
export function retentionOf(
  { auditEvent, auditEventOfKind }: Pick<Lifetimes, "auditEvent" | "auditEventOfKind">,
  kind: AuditEventKind,
): number {
  return auditEventOfKind[kind] ?? auditEvent;
}
