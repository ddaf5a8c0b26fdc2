import { brandSettings } from "./brand_settings.ts";
import { certificateSettings } from "./certificate_settings.ts";
import type { Config, Limits } from "./config.ts";
import { cannotBeRead, ConfigError } from "./config_error.ts";
import {
  type Environment,
  environmentVariables,
  makeMasterKey,
  masterKeySchema,
} from "./environment.ts";
import { assertAbsolutePaths, isBuilt, readKv } from "./local_paths.ts";
import { mailWay } from "./mail_settings.ts";
import { type ClientIdDocuments, outgoingSettings } from "./outgoing_settings.ts";
import { trustedIssuersOf } from "./trusted_issuers.ts";
import { readLifetimes } from "./read_lifetimes.ts";
import { valuesOf } from "./variable_kinds.ts";
import { assertWellFormed } from "./variables.ts";
import { workloadIssuersOf } from "./workload_issuers.ts";

/**
 * Reads the configuration from the environment.
 * @param env all existing variables, so that a misspelt one is found
 * @param readFile reads the file of the master key as text
 * @param built whether a built server reads it, which takes no relative paths
 * @throws {ConfigError} at the first wrong setting
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  built = isBuilt,
): Config {
  assertWellFormed(env);
  const values = valuesOf(environmentVariables, env);
  const onDeploy = Boolean(values.DENO_DEPLOY || values.DENO_DEPLOYMENT_ID);
  const production = values.LATCHKEY_ENV === "production";
  if (onDeploy && !production) {
    throw new ConfigError(
      "LATCHKEY_ENV",
      "must not be development on Deno Deploy, where anyone could use the development people: \
remove it",
    );
  }
  if (values.LATCHKEY_SOCKET !== undefined && values.LATCHKEY_TRUST_PROXY === 0) {
    throw new ConfigError(
      "LATCHKEY_TRUST_PROXY",
      "must be set beside LATCHKEY_SOCKET: by a Unix socket nobody has an address, so that one limit \
would be everybody's; count the proxies in front",
    );
  }
  const kv = readKv(values, onDeploy);
  if (built) assertAbsolutePaths(values, kv);
  const issuer = readIssuer(values);
  return {
    environment: values.LATCHKEY_ENV,
    issuer,
    host: values.LATCHKEY_HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    port: values.PORT,
    socket: values.LATCHKEY_SOCKET ?? null,
    cacheMegabytes: values.LATCHKEY_CACHE_MB,
    nativeCrypto: values.LATCHKEY_NATIVE_CRYPTO ?? null,
    drainTime: values.LATCHKEY_DRAIN_TIME ?? (production ? 3 : 0),
    trustedProxies: values.LATCHKEY_TRUST_PROXY,
    kv,
    ...readMasterKeys(values, readFile),
    logLevel: values.LATCHKEY_LOG_LEVEL,
    rateLimits: values.LATCHKEY_RATE_LIMITS,
    limits: readLimits(values),
    dpopNonce: values.LATCHKEY_DPOP_NONCE,
    admin: {
      acr: values.LATCHKEY_ADMIN_ACR ?? null,
      maxAge: values.LATCHKEY_ADMIN_MAX_AGE ?? null,
    },
    requirePushedAuthorizationRequests: values.LATCHKEY_REQUIRE_PUSHED_AUTHORIZATION_REQUESTS,
    implicit: values.LATCHKEY_IMPLICIT,
    requireSignedRequestObject: values.LATCHKEY_REQUIRE_SIGNED_REQUEST_OBJECT,
    unregisteredResources: values.LATCHKEY_UNREGISTERED_RESOURCES,
    registration: values.LATCHKEY_REGISTRATION ?? (production ? "off" : "open"),
    softwareStatementIssuers: values.LATCHKEY_SOFTWARE_STATEMENT_ISSUERS ?? {},
    registrationScopes: values.LATCHKEY_REGISTRATION_SCOPES ?? [],
    signUp: values.LATCHKEY_SIGN_UP ?? (production ? "closed" : "open"),
    lifetimes: readLifetimes(values),
    mail: mailWay(values),
    outgoing: outgoingSettings(values),
    clientIdDocuments: readClientIdDocuments(values),
    clientCertificates: certificateSettings(values, values.LATCHKEY_SOCKET),
    trustedIssuers: trustedIssuersOf(values, issuer),
    workloadIssuers: workloadIssuersOf(values, issuer),
    brand: brandSettings(values),
    bootstrapFile: values.LATCHKEY_BOOTSTRAP ?? null,
    backupFolder: values.LATCHKEY_BACKUP_FOLDER ?? null,
    restored: values.LATCHKEY_RESTORED === "1",
    onDeploy,
  };
}

function readIssuer(values: Environment): string {
  if (values.LATCHKEY_ISSUER !== undefined) return values.LATCHKEY_ISSUER;
  // Never take the issuer from a Host header: the sender of a request controls it.
  if (values.LATCHKEY_ENV === "production") {
    throw new ConfigError(
      "LATCHKEY_ISSUER",
      "is missing: set it to the origin people reach this server at, such as \
https://id.example.com",
    );
  }
  return new URL(`http://localhost:${values.PORT}`).origin;
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
    // Do not show the path: the operator may have put the key itself there by mistake.
    throw refuse(`names a file that ${cannotBeRead(error)}`);
  }
  const key = masterKeySchema().safeParse(content.trim());
  if (!key.success) throw refuse(`names a file whose content ${key.error.issues[0]?.message}`);
  return key.data;
}

function readLimits(values: Environment): Limits {
  return {
    signIn: values.LATCHKEY_RATE_LIMIT_SIGN_IN,
    signInAccount: values.LATCHKEY_RATE_LIMIT_SIGN_IN_ACCOUNT,
    codeAddress: values.LATCHKEY_RATE_LIMIT_CODE_ADDRESS,
    userCode: values.LATCHKEY_RATE_LIMIT_USER_CODE,
    mail: values.LATCHKEY_RATE_LIMIT_MAIL,
    mailAddress: values.LATCHKEY_RATE_LIMIT_MAIL_ADDRESS,
    signUp: values.LATCHKEY_RATE_LIMIT_SIGN_UP,
    registration: values.LATCHKEY_RATE_LIMIT_REGISTRATION,
    strangers: values.LATCHKEY_RATE_LIMIT_STRANGERS,
    authorize: values.LATCHKEY_RATE_LIMIT_AUTHORIZE,
    route: values.LATCHKEY_RATE_LIMIT_ROUTE,
    clientAuthentication: values.LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION,
    clientAuthenticationAddress: values.LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION_ADDRESS,
    accessToken: values.LATCHKEY_RATE_LIMIT_ACCESS_TOKEN,
    outgoingHost: values.LATCHKEY_RATE_LIMIT_OUTGOING_HOST,
    outgoingAddress: values.LATCHKEY_RATE_LIMIT_OUTGOING_ADDRESS,
  };
}

function readClientIdDocuments(values: Environment): ClientIdDocuments {
  const { LATCHKEY_CLIENT_ID_DOCUMENTS: set, LATCHKEY_CLIENT_ID_DOCUMENT_HOSTS: hosts } = values;
  const mode = set ?? (values.LATCHKEY_ENV === "development" ? "open" : "off");
  if ((mode === "listed") === (hosts !== undefined)) return { mode, hosts: hosts ?? [] };
  throw new ConfigError(
    "LATCHKEY_CLIENT_ID_DOCUMENT_HOSTS",
    "and LATCHKEY_CLIENT_ID_DOCUMENTS=listed need each other: set both or neither",
  );
}
