import { z } from "zod";
import { brandVariables } from "./brand_settings.ts";
import { acrValues } from "../protocol/acr.ts";
import { fromBase64url } from "../crypto/encoding.ts";
import { certificateVariables } from "./certificate_settings.ts";
import { mailVariables } from "./mail_settings.ts";
import { outgoingVariables } from "./outgoing_settings.ts";
import {
  absolutePath,
  choice,
  limit,
  onOrOff,
  optional,
  requestLimit,
  seconds,
  type Values,
  wholeNumber,
} from "./variable_kinds.ts";
import { isLoopback, webUrl } from "../identifiers/web_url.ts";
import { kvLocation } from "./local_paths.ts";
import { isScopeToken } from "../protocol/scope_token.ts";
import { trustedIssuerVariables } from "./trusted_issuers.ts";
import { logLevels } from "../telemetry/logger.ts";
import { workloadIssuerVariables } from "./workload_issuers.ts";

/** The command that creates a master key, for messages that ask for one. */
export const makeMasterKey = "openssl rand -base64 32 | tr '+/' '-_' | tr -d '='";

/**
 * 32 bytes in base64url. Its messages, like all in this file, continue a sentence that starts with the
 * variable's name, and hold no value of a secret.
 */
export function masterKeySchema() {
  return z.string().transform((text, context) => {
    const bytes = decodedOrNull(text);
    if (bytes?.length === 32) return bytes;
    context.addIssue(`must be 32 random bytes in base64url, 43 characters: make one with \
\`${makeMasterKey}\``);
    return z.NEVER;
  });
}

const day = 24 * 60 * 60;
const year = 365 * day;

/** The variables that the server reads, each checked alone; read_config.ts checks them together. */
export const environmentVariables = {
  LATCHKEY_ENV: choice(
    "production",
    ["production", "development"],
    "must be production or development",
  ),
  LATCHKEY_ISSUER: optional(() =>
    z.string().superRefine((text, context) => {
      const problem = issuerProblem(text);
      if (problem !== null) context.addIssue(problem);
    })
  ),
  LATCHKEY_MASTER_KEY: optional(masterKeySchema),
  LATCHKEY_MASTER_KEY_FILE: optional(() => z.string()),
  LATCHKEY_MASTER_KEY_PREVIOUS: optional(masterKeySchema),
  LATCHKEY_KV: optional(() =>
    z.string().transform((text, context) => {
      const location = kvLocation(text);
      if (typeof location !== "string") return location;
      context.addIssue(location);
      return z.NEVER;
    })
  ),
  PORT: wholeNumber(8000, [1, 65535], "must be a port number from 1 to 65535"),
  LATCHKEY_HOST: optional(() =>
    z.union(
      [z.ipv4(), z.ipv6(), z.hostname()],
      "must be the address to listen on, an IP address or a host name without brackets, port or scheme",
    )
  ),
  LATCHKEY_SOCKET: absolutePath("must be the absolute path of a Unix socket"),
  LATCHKEY_DRAIN_TIME: wholeNumber(
    undefined,
    [0, 300],
    "must be a whole number of seconds from 0 to 300",
  ),
  LATCHKEY_CACHE_MB: wholeNumber(
    64,
    [0, 4096],
    "must be a whole number of megabytes from 0 to 4096",
  ),
  LATCHKEY_NATIVE_CRYPTO: absolutePath("must be the absolute path of libcrypto.so.3"),
  LATCHKEY_TRUST_PROXY: wholeNumber(
    0,
    [0, 10],
    "must be the number of proxies in front, from 0 to 10",
  ),
  LATCHKEY_LOG_LEVEL: choice("info", logLevels, `must be one of ${logLevels.join(", ")}`),
  LATCHKEY_RATE_LIMITS: onOrOff("on"),
  LATCHKEY_RATE_LIMIT_SIGN_IN: limit({ count: 10, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT: limit({ count: 100, seconds: 60 * 60 }),
  LATCHKEY_RATE_LIMIT_CODE_ADDRESS: limit({ count: 50, seconds: 10 * 60 }),
  LATCHKEY_RATE_LIMIT_USER_CODE: limit({ count: 1000, seconds: 10 * 60 }),
  LATCHKEY_RATE_LIMIT_MAIL: limit({ count: 3, seconds: 15 * 60 }),
  LATCHKEY_RATE_LIMIT_MAIL_ADDRESS: limit({ count: 100, seconds: 15 * 60 }),
  LATCHKEY_RATE_LIMIT_SIGN_UP: limit({ count: 30, seconds: 15 * 60 }),
  LATCHKEY_RATE_LIMIT_STRANGERS: requestLimit({ count: 1000, seconds: 30 }),
  LATCHKEY_RATE_LIMIT_AUTHORIZE: requestLimit({ count: 60, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_ROUTE: requestLimit({ count: 300, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION: limit({ count: 10, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION_ADDRESS: limit({ count: 100, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_ACCESS_TOKEN: limit({ count: 300, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_REGISTRATION: limit({ count: 20, seconds: 60 * 60 }),
  LATCHKEY_RATE_LIMIT_OUTGOING_HOST: limit({ count: 60, seconds: 60 }),
  LATCHKEY_RATE_LIMIT_OUTGOING_ADDRESS: limit({ count: 30, seconds: 60 }),
  LATCHKEY_DPOP_NONCE: onOrOff("off"),
  LATCHKEY_ADMIN_ACR: choice(undefined, acrValues, `must be one of ${acrValues.join(", ")}`),
  LATCHKEY_ADMIN_MAX_AGE: seconds(undefined, year),
  LATCHKEY_REQUIRE_PUSHED_AUTHORIZATION_REQUESTS: onOrOff("off"),
  LATCHKEY_IMPLICIT: onOrOff("off"),
  LATCHKEY_REQUIRE_SIGNED_REQUEST_OBJECT: onOrOff("off"),
  LATCHKEY_UNREGISTERED_RESOURCES: choice("allow", ["allow", "refuse"], "must be allow or refuse"),
  LATCHKEY_REGISTRATION: choice(undefined, ["open", "token", "off"], "must be open, token or off"),
  LATCHKEY_REGISTRATION_SCOPES: optional(() =>
    z.string().transform((text) => text.split(" "))
      .refine(
        (names) => names.every((name) => isScopeToken(name) && name !== "latchkey:admin"),
        "must be scope names with single spaces between, and latchkey:admin is none of them",
      )
  ),
  LATCHKEY_SIGN_UP: choice(
    undefined,
    ["open", "invited", "closed"],
    "must be open, invited or closed",
  ),
  LATCHKEY_LIFETIME_CODE: seconds(60, 600), // RFC 6749 section 4.1.2: at most ten minutes
  LATCHKEY_LIFETIME_REQUEST_URI: seconds(90, 599), // less than 600: FAPI 2.0 section 5.3.2.2
  LATCHKEY_LIFETIME_DEVICE_CODE: seconds(600, 1800),
  LATCHKEY_LIFETIME_BACKCHANNEL_REQUEST: seconds(600, 1800),
  LATCHKEY_LIFETIME_ACCESS_TOKEN: seconds(60 * 60, day),
  LATCHKEY_LIFETIME_ID_TOKEN: seconds(60 * 60, day),
  LATCHKEY_LIFETIME_REFRESH_TOKEN_IDLE: seconds(undefined, year),
  LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX: seconds(90 * day, year),
  LATCHKEY_LIFETIME_SESSION_IDLE: seconds(undefined, year),
  LATCHKEY_LIFETIME_SESSION_MAX: seconds(7 * day, year),
  LATCHKEY_LIFETIME_INTERACTION: seconds(60 * 60, day),
  LATCHKEY_LIFETIME_SIGNING_KEY: seconds(90 * day, year),
  LATCHKEY_LIFETIME_INVITATION: seconds(7 * day, 90 * day),
  LATCHKEY_LIFETIME_AUDIT_EVENT: seconds(90 * day, 10 * year),
  LATCHKEY_LIFETIME_AUDIT_SIGN_INS: seconds(undefined, 10 * year),
  LATCHKEY_LIFETIME_AUDIT_TOKENS: seconds(undefined, 10 * year),
  LATCHKEY_LIFETIME_AUDIT_ADMINISTRATION: seconds(undefined, 10 * year),
  ...mailVariables,
  ...outgoingVariables,
  ...certificateVariables,
  ...trustedIssuerVariables,
  ...workloadIssuerVariables,
  ...brandVariables,
  LATCHKEY_BOOTSTRAP: optional(() => z.string()),
  LATCHKEY_BACKUP_FOLDER: absolutePath("must be the absolute path of a folder"),
  LATCHKEY_RESTORED: optional(() =>
    z.literal("1", "must be 1, at the one boot after a backup was restored")
  ),
  // Deno Deploy sets these variables; their values do not matter.
  DENO_DEPLOY: optional(() => z.string()),
  DENO_DEPLOYMENT_ID: optional(() => z.string()),
} as const;

export type Environment = Values<typeof environmentVariables>;

/** What is wrong with an issuer, or null. @see OpenID Connect Discovery section 3, RFC 8414 section 2 */
function issuerProblem(text: string): string | null {
  const url = webUrl(text);
  if (url === null) {
    return "must be an https origin such as https://id.example.com";
  }
  if (url.username !== "" || url.password !== "") return "must hold no user name and no password";
  if (/[?#]/.test(text)) return "must have no query and no fragment";
  if (url.pathname !== "/") {
    return "must have no path, since the well-known URLs are at the root of a host: give the server \
a host name of its own";
  }
  if (url.protocol === "http:" && !isLoopback(url)) {
    return "must begin with https://, since http is for localhost, 127.0.0.0/8 and [::1] alone";
  }
  if (text.endsWith("/")) {
    return `must not end with a slash, since clients compare it character by character: write \
${url.origin}`;
  }
  return text === url.origin ? null : `must be in its normal form: write ${url.origin}`;
}

function decodedOrNull(text: string): Uint8Array | null {
  try {
    return fromBase64url(text);
  } catch {
    return null;
  }
}
