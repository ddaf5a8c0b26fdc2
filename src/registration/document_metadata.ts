import { calledUrlProblem } from "../identifiers/web_url.ts";
import { hasKeys, tellsSecrets } from "../clients/jwks.ts";
import { isOnHostOf, isOnOriginOf } from "../clients/logout_uri.ts";
import { members } from "../clients/members.ts";
import { redirectUriProblem } from "../clients/redirect_uri.ts";
import { isHttps } from "../identifiers/https.ts";
import type { ClientMetadata } from "../clients/metadata.ts";
import { OAuthError } from "../protocol/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../protocol/json_entry.ts";
import { presentMembers, strangerMetadata, type StrangerRules } from "./stranger_metadata.ts";

/** A document cannot keep a secret: whoever reads it knows it. */
const secrets = ["client_secret", "client_secret_expires_at"];

const signingList = "token_endpoint_auth_signing_alg_values_supported";
const introspectionLists = ["signing_alg", "encryption_alg", "encryption_enc"]
  .map((kind) => `introspection_${kind}_values_supported`);

/**
 * The metadata in a client ID metadata document.
 *
 * @param clientId its URL, which the document must name to the letter
 * @throws {OAuthError} if it is none, or not this client's
 * @see draft-ietf-oauth-client-id-metadata-document-02 section 4
 */
export function documentMetadata(
  config: StrangerRules,
  clientId: string,
  bytes: Uint8Array,
): ClientMetadata {
  const written = parsed(bytes);
  if (written === null) throw refused("the document is not a JSON object");
  const document = presentMembers(written);
  if (document.client_id !== clientId) throw refused("client_id is not the URL of the document");
  const { method, maySign } = authenticationOf(document);
  if (secrets.some((name) => (written[name] ?? null) !== null)) {
    throw refused("the document has a client_secret");
  }
  // Also where its client needs no keys: whoever publishes one has made a mistake.
  if (tellsSecrets(document.jwks)) throw refused("the document has a private or symmetric key");
  const isWeb = document.application_type === "web";
  const uris = usableUris(document.redirect_uris, "native")
    .filter((uri) => !isWeb || isHttps(uri));
  // Only a native application has others than https.
  const type = uris.every(isHttps) ? "web" : "native";
  return strangerMetadata(config, {
    ...usableMembers(document, { method, maySign }),
    redirect_uris: uris,
    ...usableLogoutUris(document, uris),
    post_logout_redirect_uris: usableUris(document.post_logout_redirect_uris, type),
    application_type: type,
    token_endpoint_auth_method: method,
  }, { clientId, secret: "" });
}

/**
 * How a document's client authenticates (RP Metadata Choices). Nobody answers a document, so a client that
 * offers both cannot know which one was chosen, and may use either: its method is `none`, and it keeps its
 * keys. An assertion that fails is never taken for none. The one value that a document may name beside the
 * list must be in it, and needs no shared secret (section 4.1 of the draft).
 */
function authenticationOf(document: JsonObject): {
  readonly method: "none" | "private_key_jwt";
  readonly maySign: boolean;
} {
  const { token_endpoint_auth_method: method, token_endpoint_auth_methods_supported: several } =
    document;
  const offered: unknown[] = Array.isArray(several) ? several : [method ?? "none"];
  if (method !== undefined && !offered.includes(method)) {
    throw refused("token_endpoint_auth_method must be in token_endpoint_auth_methods_supported");
  }
  if (method !== undefined && method !== "none" && method !== "private_key_jwt") throw noMethod();
  const maySign = offered.includes("private_key_jwt") &&
    (hasKeys(document) || !offered.includes("none"));
  if (offered.includes("none")) return { method: "none", maySign };
  if (maySign) return { method: "private_key_jwt", maySign };
  throw noMethod();
}

function noMethod(): OAuthError {
  return refused("token_endpoint_auth_method must be none or private_key_jwt");
}

/** Members that are only shown to people. */
const shown = ["client_name", "client_uri", "policy_uri", "tos_uri", "contacts"] as const;

/**
 * Without what the client cannot use, so that it does not void the rest. The keys of a document may be for
 * something else: a client that signs nothing has none here. One without a secret cannot introspect. What is
 * only shown and cannot be is left out, too: a document is for many servers, and nobody answers it.
 */
function usableMembers(
  document: JsonObject,
  { method, maySign }: ReturnType<typeof authenticationOf>,
): JsonObject {
  const unusable = [
    ...(maySign ? [] : ["jwks", "jwks_uri", "token_endpoint_auth_signing_alg", signingList]),
    ...(method === "none" ? introspectionLists : []),
    ...shown.filter((name) => !members[name].schema.safeParse(document[name]).success),
  ];
  return Object.fromEntries(Object.entries(document).filter(([name]) => !unusable.includes(name)));
}

/** Those that a client may have; one that it may not have does not void the rest. */
function usableUris(uris: unknown, type: "web" | "native"): string[] {
  if (!Array.isArray(uris)) return [];
  return uris.filter((uri): uri is string =>
    typeof uri === "string" && redirectUriProblem(uri, type) === null
  );
}

/** As with redirect URIs: one that is not possible is left out. */
function usableLogoutUris(document: JsonObject, redirectUris: readonly string[]): JsonObject {
  const usable = (uri: unknown, isOwn: typeof isOnHostOf) =>
    typeof uri === "string" && calledUrlProblem(uri) === null && isOwn(uri, redirectUris)
      ? uri
      : undefined;
  return {
    backchannel_logout_uri: usable(document.backchannel_logout_uri, isOnHostOf),
    frontchannel_logout_uri: usable(document.frontchannel_logout_uri, isOnOriginOf),
  };
}

function parsed(bytes: Uint8Array): JsonObject | null {
  try {
    const value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function refused(description: string): OAuthError {
  return new OAuthError("invalid_client_metadata", description);
}
