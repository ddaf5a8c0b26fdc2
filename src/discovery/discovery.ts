import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import {
  contentEncryptionAlgorithms,
  keyEncryptionAlgorithms,
  requestEncryptionAlgorithms,
  requestObjectAlgorithms,
} from "../../stores/signed_messages.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { type Provider, signingAlgorithms, usable } from "../../stores/provider.ts";
import { acrValues } from "../protocol/acr.ts";
import { supportedPrompts } from "../protocol/prompts.ts";
import { ownScopes } from "../../stores/resource_scopes.ts";
import { responseModes } from "../protocol/response_modes.ts";
import { adminResource } from "../clients/admin_resource.ts";
import { trustedIssuers, workloadIssuers } from "../clients/other_issuers.ts";
import { supportedMethods } from "../clients/supported_methods.ts";
import type { Config } from "../config/config.ts";
import { dpopAlgorithms } from "../tokens/dpop_algorithms.ts";
import { supportedLanguages } from "../language/supported_languages.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { grantTypes, jwtBearer } from "../../stores/grant_types.ts";
import { allClaims } from "../protocol/scope_claims.ts";

/** Additions of operators that the document names. */
interface Added {
  /** Types of authorization details. */
  readonly detailTypes: readonly string[];
  readonly claims: readonly string[];
  /** The scopes of these claims, perhaps with repetitions. */
  readonly scopes: readonly string[];
  /** The kinds of assertions of all trusted issuers, those of the configuration included, each once. */
  readonly assertions: readonly string[];
  /** Whether workloads are clients, by the configuration or what is stored. */
  readonly workloads: boolean;
}

/** The part of the document that follows from the record about the server. */
export function addedOf(config: Config, provider: Provider): Added {
  const { authorizationDetailTypes, customClaims } = provider;
  const assertions = trustedIssuers(config, provider).flatMap((issuer) => issuer.assertions);
  return {
    detailTypes: authorizationDetailTypes.map(({ type }) => type),
    claims: customClaims.map(({ claim }) => claim),
    scopes: customClaims.map(({ scope }) => scope),
    assertions: [...new Set(assertions)].sort(),
    workloads: workloadIssuers(config, provider).length > 0,
  };
}

/**
 * The features of this server: everything that works, and nothing else. A feature that is off is listed
 * as off if clients would otherwise assume it.
 *
 * @param added what operators have added
 * @param urls of the endpoints, by their members in the document
 * @param aliases the URLs at which the proxy asks for certificates
 * @see OpenID Connect Discovery section 3, RFC 8414 section 2
 */
export function discoveryDocument(
  config: Config,
  added: Added,
  urls: Readonly<Record<string, string>>,
  aliases: Readonly<Record<string, string>>,
) {
  const { issuer, requirePushedAuthorizationRequests } = config;
  const { clientCertificates } = config;
  const workloadIssuers = added.workloads ? ["any"] : [];
  const methods = supportedMethods({ clientCertificates, workloadIssuers });
  const confidentialMethods = methods.filter((method) => method !== "none");
  const signing = usable(Object.values(assertionAlgorithms).flat());
  return {
    issuer,
    ...urls,
    scopes_supported: [...new Set([...ownScopes, ...added.scopes])],
    response_types_supported: config.implicit ? responseTypes : ["code"],
    response_modes_supported: responseModes,
    grant_types_supported: supportedGrantTypes(config, added),
    ...(added.assertions.includes("id-jag")
      ? { authorization_grant_profiles_supported: ["urn:ietf:params:oauth:grant-profile:id-jag"] }
      : {}),
    acr_values_supported: acrValues,
    subject_types_supported: ["public", "pairwise"],
    id_token_signing_alg_values_supported: usable(signingAlgorithms),
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: signing,
    introspection_endpoint_auth_methods_supported: confidentialMethods,
    introspection_endpoint_auth_signing_alg_values_supported: signing,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: signing,
    backchannel_token_delivery_modes_supported: ["poll", "ping"],
    backchannel_user_code_parameter_supported: false,
    backchannel_authentication_request_signing_alg_values_supported: usable(signingAlgorithms),
    code_challenge_methods_supported: ["S256"],
    prompt_values_supported: supportedPrompts(config),
    display_values_supported: ["page"],
    claim_types_supported: ["normal"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp"]
      .concat(
        "at_hash",
        "ds_hash",
        config.implicit ? ["c_hash", "s_hash"] : [],
        "sid",
        allClaims,
        added.claims,
      ),
    ui_locales_supported: supportedLanguages,
    dpop_signing_alg_values_supported: dpopAlgorithms,
    // RFC 8705 section 3.3 and 5
    ...(config.clientCertificates === null
      ? {}
      : { tls_client_certificate_bound_access_tokens: true }),
    ...(Object.keys(aliases).length === 0 ? {} : { mtls_endpoint_aliases: aliases }),
    require_pushed_authorization_requests: requirePushedAuthorizationRequests,
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: true,
    // RFC 9396 section 10
    ...(added.detailTypes.length === 0
      ? {}
      : { authorization_details_types_supported: added.detailTypes }),
    native_sso_supported: true,
    // A resource of an operator is public only with `metadata`, at its own URL (RFC 9728 section 4).
    protected_resources: [adminResource(config)],
    ...(config.clientIdDocuments.mode === "off"
      ? {}
      : { client_id_metadata_document_supported: true }),
    // draft-ietf-oauth-identity-assertion-authz-grant section 7
    identity_chaining_requested_token_types_supported: [tokenTypes.idJag],
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    authorization_signing_alg_values_supported: usable(signingAlgorithms),
    userinfo_signing_alg_values_supported: usable(signingAlgorithms),
    introspection_signing_alg_values_supported: usable(signingAlgorithms),
    ...encryptionMetadata(),
    request_object_signing_alg_values_supported: usable(requestObjectAlgorithms),
    request_object_encryption_alg_values_supported: requestEncryptionAlgorithms,
    request_object_encryption_enc_values_supported: contentEncryptionAlgorithms,
    require_signed_request_object: config.requireSignedRequestObject,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  };
}

function supportedGrantTypes({ implicit }: Config, { assertions }: Added) {
  return grantTypes.filter((type) =>
    (implicit || type !== "implicit") && (assertions.length > 0 || type !== jwtBearer)
  );
}

/** The same for each kind of answer. @see RFC 9701 section 7, JARM section 4 */
function encryptionMetadata() {
  const answers = ["id_token", "userinfo", "introspection", "authorization"];
  return Object.fromEntries(answers.flatMap((answer) => [
    [`${answer}_encryption_alg_values_supported`, keyEncryptionAlgorithms],
    [`${answer}_encryption_enc_values_supported`, contentEncryptionAlgorithms],
  ]));
}
