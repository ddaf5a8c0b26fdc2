import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { certificateSubjects } from "../../src/clients/certificate_members.ts";
import { members } from "../../src/clients/members.ts";
import { clientMetadataSchema, clientOf, metadataOf } from "../../src/clients/metadata.ts";
import { aClientKey } from "../support/client_assertion.ts";

type Name = keyof typeof members;

const url = fc.webUrl({ validSchemes: ["https"] }).filter((text) => !/[*\\#]/.test(text));
const urls = fc.uniqueArray(url.map((text) => new URL(text).href), { maxLength: 3 });
const label = fc.stringMatching(/^[a-z]{1,9}$/);
const scope = fc.constantFrom("openid", "openid profile", "openid email read write");
const flag = fc.boolean();
const keys = await Promise.all(["ES256", "RS256"].map((alg) => aClientKey(alg, alg)));
const jwks = { keys: keys.map(({ publicJwk }) => ({ ...publicJwk, alg: undefined })) };

/** Both members of one kind of answer; the second is allowed together with the first alone. */
function encrypted<Answer extends string>(answer: Answer) {
  return {
    [`${answer}_encrypted_response_alg`]: fc.constantFrom("ECDH-ES", "RSA-OAEP-256"),
    [`${answer}_encrypted_response_enc`]: fc.constantFrom("A128GCM", "A256CBC-HS512"),
  } as Record<`${Answer}_encrypted_response_${"alg" | "enc"}`, fc.Arbitrary<unknown>>;
}

/** What may be set, for every member that there is: the compiler asks for a new one. */
const values: Record<Name, fc.Arbitrary<unknown>> = {
  client_id: label,
  client_secret: fc.constant("Zk3vQ9xT7mLw2pRb8nYc5dHs"),
  client_name: label,
  client_uri: url,
  logo_uri: url,
  policy_uri: url,
  tos_uri: url,
  initiate_login_uri: url,
  contacts: fc.array(label, { maxLength: 3 }),
  profile: fc.constant("standard"), // each of the others has rules for the rest
  application_type: fc.constantFrom("web", "native"),
  redirect_uris: fc.tuple(url.map((text) => new URL(text).href)),
  post_logout_redirect_uris: urls,
  web_origins: fc.uniqueArray(url.map((text) => new URL(text).origin), { maxLength: 3 }),
  response_types: fc.subarray(["code", "code id_token", "id_token token"]),
  grant_types: fc.subarray(["authorization_code", "refresh_token"], { minLength: 1 }),
  token_endpoint_auth_method: fc.constantFrom("client_secret_basic", "client_secret_post"),
  token_endpoint_auth_signing_alg: fc.constantFrom("ES256", "PS256"),
  jwks: fc.constant(jwks),
  jwks_uri: fc.constant(undefined), // one of the two
  scope,
  resources: fc.array(
    fc.oneof(
      label.map((name) => `https://${name}.example`),
      label.map((name) => ({ resource: `https://${name}.example`, scope: "openid" })),
    ),
    { maxLength: 3 },
  ),
  authorization_details_types: fc.uniqueArray(label, { maxLength: 3 }),
  token_exchange: fc.record({
    subject_audiences: fc.uniqueArray(label.map((name) => `https://${name}.example`)),
    resources: fc.uniqueArray(label.map((name) => `https://${name}.example`)),
    impersonation: flag,
  }),
  id_jag_audiences: fc.array(fc.record({
    audience: url,
    client_id: label,
    resources: fc.uniqueArray(label.map((name) => `https://${name}.example`)),
    scope: fc.constantFrom("", "read", "read write"),
  })),
  may_act: label,
  native_sso: label,
  id_token_signed_response_alg: fc.constantFrom("RS256", "ES256", "EdDSA"),
  id_token_scope_claims: flag,
  subject_type: fc.constantFrom("public", "pairwise"),
  sector_identifier_uri: fc.constant("https://sector.example/redirect_uris.json"),
  default_max_age: fc.nat(),
  require_auth_time: flag,
  require_pkce: flag,
  claim_rules: fc.array(
    fc.record({ as: label.map((name) => `x-${name}`), only: fc.array(label), prefix: label }, {
      requiredKeys: [],
    })
      .map((rule) => ({ claim: "groups", ...rule })),
    { maxLength: 1 },
  ),
  allowed_groups: fc.array(label, { maxLength: 3 }),
  skip_consent: flag,
  rotate_refresh_tokens: flag,
  refresh_token_grace_period: fc.nat(60),
  require_pushed_authorization_requests: flag,
  tls_client_auth_subject_dn: fc.constant(undefined), // only for its method
  tls_client_auth_san_dns: fc.constant(undefined),
  tls_client_auth_san_uri: fc.constant(undefined),
  tls_client_auth_san_ip: fc.constant(undefined),
  tls_client_auth_san_email: fc.constant(undefined),
  tls_client_certificate_bound_access_tokens: flag,
  workload_issuer: fc.constant(undefined), // only for its method
  workload_subject: fc.constant(undefined),
  dpop_bound_access_tokens: flag,
  authorization_signed_response_alg: fc.constantFrom("RS256", "ES256", "EdDSA"),
  ...encrypted("authorization"),
  ...encrypted("id_token"),
  ...encrypted("userinfo"),
  ...encrypted("introspection"),
  userinfo_signed_response_alg: fc.constantFrom("RS256", "ES256", "EdDSA"),
  introspection_signed_response_alg: fc.constantFrom("RS256", "ES256", "EdDSA"),
  request_object_encryption_alg: fc.constantFrom("ECDH-ES", "RSA-OAEP-256"),
  request_object_encryption_enc: fc.constantFrom("A128GCM", "A256CBC-HS512"),
  request_object_signing_alg: fc.constantFrom("none", "ES256", "PS256"),
  require_signed_request_object: flag,
  request_uris: urls,
  backchannel_token_delivery_mode: fc.constant(undefined), // only with its grant type
  backchannel_client_notification_endpoint: fc.constant(undefined), // only with the mode ping
  backchannel_authentication_request_signing_alg: fc.constant(undefined), // as its grant type
  backchannel_logout_uri: url,
  backchannel_logout_session_required: flag,
  frontchannel_logout_uri: fc.constant(undefined), // on the origin of a redirect URI
  frontchannel_logout_session_required: flag,
};
/** Signed requests need keys; encryption them, or a signature; its content needs an algorithm for the key. */
function withKeysForAll<Set extends Partial<Record<Name, unknown>>>(set: Set): Set {
  const isPossible = (name: string) =>
    name === "require_signed_request_object"
      ? set.jwks !== undefined
      : name.startsWith("request_object_encryption_")
      ? set.request_object_signing_alg !== "none" &&
        Object.hasOwn(set, "request_object_encryption_alg")
      : !name.includes("_encrypted_response_") || (set.jwks !== undefined &&
        Object.hasOwn(set, name.replace(/enc$/, "alg")));
  return Object.fromEntries(Object.entries(set).filter(([name]) => isPossible(name))) as Set;
}
const keptDigest = { secretDigest: "digest", sealedSecret: null };
const needed = ["client_id", "client_secret", "redirect_uris"] as const;

Deno.test("each member of client metadata is returned as it was set", () => {
  const metadata = fc.record(values, { requiredKeys: [...needed] }).map(withKeysForAll);
  fc.assert(fc.property(metadata, (set) => {
    const answered = metadataOf(clientOf(clientMetadataSchema.parse(set), keptDigest, 1));
    const { client_secret: _, ...shown } = set;
    for (const [name, value] of Object.entries(shown)) assertEquals(answered[name], value, name);
    // What was left out is what the answer says: sent back, it changes nothing.
    const again = clientMetadataSchema.parse({ ...answered, client_secret: set.client_secret });
    assertEquals(metadataOf(clientOf(again, keptDigest, 1)), answered);
  }));
});

Deno.test("a client's secret is never returned", () => {
  const [sample] = fc.sample(fc.record(values), 1);
  const set = { ...sample, request_object_signing_alg: "ES256" };
  const answered = metadataOf(clientOf(clientMetadataSchema.parse(set), keptDigest, 1));
  assertEquals(Object.keys(members).filter((name) => !(name in answered)), [
    "client_secret",
    "jwks_uri",
    "backchannel_token_delivery_mode",
    "backchannel_client_notification_endpoint",
    "backchannel_authentication_request_signing_alg",
    "frontchannel_logout_uri",
    ...certificateSubjects,
    "workload_issuer",
    "workload_subject",
  ]);
});
