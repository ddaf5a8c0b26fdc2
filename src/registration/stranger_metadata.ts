import { standardScopes } from "../../stores/resource_scopes.ts";
import { isOnHostOf } from "../clients/logout_uri.ts";
import { scopeNames } from "../clients/member.ts";
import { members } from "../clients/members.ts";
import { type ClientMetadata, clientMetadataSchema } from "../clients/metadata.ts";
import { usualMethod } from "../clients/profile_metadata.ts";
import { isHttps } from "../identifiers/https.ts";
import { supportedMethods } from "../clients/supported_methods.ts";
import { usesSecret } from "../clients/kept_secret.ts";
import type { Config } from "../config/config.ts";
import { OAuthError } from "../protocol/errors.ts";
import { holds } from "../protocol/response_type.ts";
import { InvalidEntry, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { withChoices } from "./metadata_choices.ts";
import { grantsOf } from "./stranger_grants.ts";

/** The settings that say what strangers may register. */
export type StrangerRules = Pick<
  Config,
  "registrationScopes" | "implicit" | "clientCertificates" | "workloadIssuers"
>;

/** What is set by the server and not by the metadata. */
export interface Given {
  readonly clientId: string;
  /** The secret of a client that needs one. */
  readonly secret: string;
  /**
   * Members that stay as an operator left them, of a client that is changed; undefined: there is none.
   * They are validated together with the others. Default: none.
   */
  readonly standing?: Readonly<Record<string, unknown>>;
  /** The members that a software statement names. Default: none. */
  readonly vouched?: readonly string[];
}

/**
 * Client metadata that a stranger sends. Members that only an operator may set, or that nobody here knows,
 * are ignored; the answer shows what was registered. What is left is held to stricter rules than an
 * operator's.
 *
 * @throws {OAuthError} `invalid_redirect_uri`, `invalid_client_metadata`, `unapproved_software_statement`
 * @see RFC 7591 sections 2, 3.2.2 and 5, OpenID Connect Dynamic Client Registration section 2
 */
export function strangerMetadata(
  config: StrangerRules,
  sentMembers: JsonObject,
  given: Given,
): ClientMetadata {
  const sent = chosenMetadata(config, presentMembers(sentMembers), given);
  // One that was verified is not here any more. A document has none: nothing would have verified it.
  if (sent.software_statement !== undefined) {
    throw new OAuthError("unapproved_software_statement", "software statements are not accepted");
  }
  const standing = given.standing ?? {
    resources: [], // none by its own registration: a resource must admit everybody
  };
  // The rules for strangers are not for what an operator has set.
  const kept = Object.entries(sent).filter(([name]) => mayBeSet(name) && !(name in standing));
  const known: Record<string, unknown> = Object.fromEntries(kept);
  const { token_endpoint_auth_method: method, redirect_uris: redirects } = {
    ...known,
    ...standing,
  };
  const metadata = valid({
    ...known,
    ...grantsOf(config, known),
    ...("scope" in standing ? {} : { scope: scopeOf(config, known.scope) }),
    application_type: known.application_type ?? applicationTypeOf(redirects),
    ...standing,
    client_id: given.clientId,
    ...(usesSecret(String(method ?? usualMethod(standing))) ? { client_secret: given.secret } : {}),
  });
  assertRedirectUris(metadata, standing);
  if (!("backchannel_logout_uri" in standing)) assertOwnHost(metadata);
  assertSupported(config, metadata, standing);
  return metadata;
}

/** With one value for each list of the sender, which has to fit what an operator has set. */
function chosenMetadata(config: StrangerRules, sent: JsonObject, { standing, vouched }: Given) {
  const names = [...vouched ?? [], ...Object.keys(standing ?? {})];
  // Only an operator gives a client its profile.
  return withChoices(config, { ...sent, profile: undefined, ...standing }, names);
}

/**
 * Without the members that are null: they are as if they were not sent (RFC 7591 section 2). So are empty
 * texts, which libraries send for what their user has not filled in: no member has a meaning for one.
 */
export function presentMembers(sent: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(sent).filter(([, value]) => value !== null && value !== ""),
  );
}

function mayBeSet(name: string): boolean {
  return Object.entries(members).some(([known, { setBy }]) => known === name && setBy === "anyone");
}

/**
 * The asked scopes that strangers may have; all of those for a client that does not ask.
 *
 * @throws {OAuthError} `invalid_client_metadata` if no scope is left: each request of the client would fail
 */
function scopeOf({ registrationScopes }: Pick<Config, "registrationScopes">, asked: unknown) {
  const possible = [...standardScopes, ...registrationScopes];
  if (asked === undefined) return possible.join(" ");
  // A scope that is not a list of scope names is refused later, with the other metadata.
  if (typeof asked !== "string" || !scopeNames.safeParse(asked).success) return asked;
  const names = asked.split(" ");
  const left = possible.filter((name) => names.includes(name));
  if (left.length > 0) return left.join(" ");
  throw new OAuthError(
    "invalid_client_metadata",
    "scope has none of the scopes that clients may register for themselves: leave it out to get them all",
  );
}

/**
 * A client that says nothing is a native application if one of its redirect URIs is for native ones only.
 * An editor registers its site beside a loopback address. A client that says `web` is held to it.
 */
function applicationTypeOf(redirectUris: unknown): "web" | "native" {
  if (!Array.isArray(redirectUris) || redirectUris.length === 0) return "web";
  return redirectUris.some((uri) => typeof uri === "string" && !isHttps(uri)) ? "native" : "web";
}

function valid(metadata: JsonObject): ClientMetadata {
  try {
    return validEntry(clientMetadataSchema, metadata);
  } catch (error) {
    if (!(error instanceof InvalidEntry)) throw error;
    const [rule] = error.rules;
    const member = String(rule?.path[0] ?? "metadata");
    const code = member === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
    const index = rule?.path[1];
    const place = typeof index === "number" ? `${member}.${index}` : member;
    throw new OAuthError(code, `${place} ${rule?.rule}`);
  }
}

/** Otherwise anybody could have this server send messages to the host of somebody else. */
function assertOwnHost({ backchannel_logout_uri: uri, redirect_uris: redirects }: ClientMetadata) {
  if (uri === undefined || isOnHostOf(uri, redirects)) return;
  throw new OAuthError(
    "invalid_client_metadata",
    "backchannel_logout_uri must have the host of a redirect URI",
  );
}

/** Otherwise the client would find out at its first request that it cannot authenticate. */
function assertSupported(
  config: Pick<Config, "clientCertificates" | "workloadIssuers">,
  { token_endpoint_auth_method: method, ...metadata }: ClientMetadata,
  standing: Readonly<Record<string, unknown>>,
) {
  // A method that an operator has set may use an issuer that is only in the store.
  const isOperators = "token_endpoint_auth_method" in standing;
  if (!isOperators && !supportedMethods(config).includes(method)) {
    throw new OAuthError(
      "invalid_client_metadata",
      "token_endpoint_auth_method is not supported by this server",
    );
  }
  if (
    metadata.tls_client_certificate_bound_access_tokens && config.clientCertificates === null
  ) {
    throw new OAuthError(
      "invalid_client_metadata",
      "tls_client_certificate_bound_access_tokens is not supported by this server",
    );
  }
}

/** @see OpenID Connect Dynamic Client Registration section 2, `application_type` */
function assertRedirectUris(
  { application_type: type, redirect_uris: uris, ...metadata }: ClientMetadata,
  standing: Readonly<Record<string, unknown>>,
) {
  const getsCodes = metadata.response_types.some((responseType) => holds(responseType, "code"));
  const isOperators = "grant_types" in standing || "response_types" in standing;
  if (!metadata.grant_types.includes("authorization_code") && getsCodes && !isOperators) {
    throw new OAuthError("invalid_client_metadata", "grant_types must hold authorization_code");
  }
  if ("redirect_uris" in standing) return;
  for (const uri of uris) {
    if (type === "web" && !isHttps(uri)) {
      throw new OAuthError(
        "invalid_redirect_uri",
        "redirect_uris must be https for application_type web; use native for loopback addresses",
      );
    }
  }
}
