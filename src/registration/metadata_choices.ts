import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import { hasKeys } from "../clients/jwks.ts";
import { members } from "../clients/members.ts";
import { supportedMethods } from "../clients/supported_methods.ts";
import type { Config } from "../config/config.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { JsonObject } from "../protocol/json_entry.ts";

/** The lists of what a client can do, and the members of which it may have one value. */
const choices = {
  subject_types_supported: "subject_type",
  id_token_signing_alg_values_supported: "id_token_signed_response_alg",
  id_token_encryption_alg_values_supported: "id_token_encrypted_response_alg",
  id_token_encryption_enc_values_supported: "id_token_encrypted_response_enc",
  userinfo_signing_alg_values_supported: "userinfo_signed_response_alg",
  userinfo_encryption_alg_values_supported: "userinfo_encrypted_response_alg",
  userinfo_encryption_enc_values_supported: "userinfo_encrypted_response_enc",
  request_object_signing_alg_values_supported: "request_object_signing_alg",
  request_object_encryption_alg_values_supported: "request_object_encryption_alg",
  request_object_encryption_enc_values_supported: "request_object_encryption_enc",
  token_endpoint_auth_methods_supported: "token_endpoint_auth_method",
  token_endpoint_auth_signing_alg_values_supported: "token_endpoint_auth_signing_alg",
  authorization_signing_alg_values_supported: "authorization_signed_response_alg",
  authorization_encryption_alg_values_supported: "authorization_encrypted_response_alg",
  authorization_encryption_enc_values_supported: "authorization_encrypted_response_enc",
  introspection_signing_alg_values_supported: "introspection_signed_response_alg",
  introspection_encryption_alg_values_supported: "introspection_encrypted_response_alg",
  introspection_encryption_enc_values_supported: "introspection_encrypted_response_enc",
} as const satisfies Record<string, keyof typeof members>;
type Single = (typeof choices)[keyof typeof choices];

/** From the strongest. One that a client does not have the keys for is not for it. */
const methodsByStrength = [
  "private_key_jwt",
  "client_secret_jwt",
  "client_secret_basic",
  "client_secret_post",
  "none",
];

/**
 * Metadata with one value for each list of choices: the client's own, if this server supports it, or
 * another of the list. What a client can do but need not is not turned on, such as encryption. `none` is
 * as if the member were left out, where it can be.
 *
 * @param vouched members that a software statement names: the sender's lists do not change them
 * @throws {OAuthError} `invalid_client_metadata` if its own value is not in the list, or none of the list is
 *   supported
 * @see OpenID Connect Relying Party Metadata Choices sections 2 and 3
 */
export function withChoices(
  config: Pick<Config, "clientCertificates" | "workloadIssuers">,
  sent: JsonObject,
  vouched: readonly string[] = [],
): JsonObject {
  const chosen = Object.entries(choices).flatMap(([list, single]) => {
    const offered = sent[list];
    if (offered === undefined || vouched.includes(single)) return [];
    if (!Array.isArray(offered)) throw refused(list, "must be an array");
    const own = sent[single];
    if (own !== undefined && !offered.includes(own)) throw refused(single, `must be in ${list}`);
    return [[single, chosenValue(config, sent, single, offered)]];
  });
  return { ...sent, ...Object.fromEntries(chosen) };
}

/** @returns undefined: the member can be left out */
function chosenValue(
  config: Pick<Config, "clientCertificates" | "workloadIssuers">,
  sent: JsonObject,
  single: Single,
  offered: readonly unknown[],
): unknown {
  const { schema } = members[single];
  const isMethod = single === "token_endpoint_auth_method";
  const methods: readonly unknown[] = supportedMethods(config);
  const isSupported = (value: unknown) =>
    isMethod ? methods.includes(value) && canSign(sent, value) : accepts(value);
  const accepts = (value: unknown) => schema.safeParse(value).success;
  const own = sent[single];
  if (own !== undefined && isSupported(own)) return own;
  const usual: unknown = schema.parse(undefined);
  if (usual === undefined && (own === undefined || own === "none")) return undefined;
  const possible = isMethod
    ? methodsByStrength.filter((method) => hasKeys(sent) || method !== "private_key_jwt")
    : [usual, ...offered];
  const value = possible.find((one) =>
    one !== undefined && offered.includes(one) && isSupported(one)
  );
  if (value === undefined) throw refused(single, "cannot be any of those that the client offers");
  return value;
}

/** Whether a client can sign with a method, by what it says of its algorithms; true if it signs nothing. */
function canSign(sent: JsonObject, method: unknown): boolean {
  if (method !== "private_key_jwt" && method !== "client_secret_jwt") return true;
  const {
    token_endpoint_auth_signing_alg: own,
    token_endpoint_auth_signing_alg_values_supported: several,
  } = sent;
  const isUsable = members.token_endpoint_auth_signing_alg.schema.safeParse(own).success;
  const offered = own !== undefined && isUsable ? [own] : several;
  const fitting: readonly string[] = assertionAlgorithms[method];
  return !Array.isArray(offered) || offered.some((algorithm) => fitting.includes(algorithm));
}

function refused(member: string, rule: string): OAuthError {
  return new OAuthError("invalid_client_metadata", `${member} ${rule}`);
}
