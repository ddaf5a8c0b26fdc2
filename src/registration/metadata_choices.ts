import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { hasKeys, jwksSchema } from "../clients/jwks.ts";
import { isKeyFor, maySign } from "../clients/key_use.ts";
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
 * Metadata with one value for each list of choices: the client's own, if this server supports it and it fits
 * the values before it, or another of the list. What a client can do but need not is not turned on, such as
 * encryption. `none` is as if the member were left out, where it can be.
 *
 * @param vouched members that others than the sender set, such as a software statement: the sender's lists
 *   do not change them
 * @throws {OAuthError} `invalid_client_metadata` if its own value is not in the list, or none of the list is
 *   supported
 * @see OpenID Connect Relying Party Metadata Choices sections 2 and 3
 */
export function withChoices(
  config: Pick<Config, "clientCertificates" | "workloadIssuers">,
  sent: JsonObject,
  vouched: readonly string[] = [],
): JsonObject {
  let chosen = sent;
  for (const [list, single] of Object.entries(choices)) {
    const offered = sent[list];
    if (offered === undefined || vouched.includes(single)) continue;
    if (!Array.isArray(offered)) throw refused(list, "must be an array");
    const own = sent[single];
    if (own !== undefined && !offered.includes(own)) throw refused(single, `must be in ${list}`);
    const value = single === "token_endpoint_auth_method"
      ? chosenMethod(supportedMethods(config), sent, offered)
      : chosenValue(chosen, single, offered);
    chosen = { ...chosen, [single]: value };
  }
  return chosen;
}

/** A method with which the client can authenticate, by its keys and by an algorithm that it offers. */
function chosenMethod(
  supported: readonly unknown[],
  sent: JsonObject,
  offered: readonly unknown[],
): unknown {
  const {
    token_endpoint_auth_method: own,
    token_endpoint_auth_signing_alg: ownAlg,
    token_endpoint_auth_signing_alg_values_supported: several,
  } = sent;
  const isUsable = members.token_endpoint_auth_signing_alg.schema.safeParse(ownAlg).success;
  const wanted = ownAlg !== undefined && isUsable ? [ownAlg] : several;
  const signs = (method: unknown, algorithms: unknown) => {
    const possible = algorithmsOfMethod(method);
    return possible === null || !Array.isArray(algorithms) ||
      algorithms.some((alg) => possible.includes(alg));
  };
  const any = Array.isArray(several) ? several : wanted;
  if (supported.includes(own) && signs(own, any)) return own;
  const keys = keysOf(sent);
  const possible = methodsByStrength.filter((method) =>
    supported.includes(method) && offered.includes(method) &&
    (method !== "private_key_jwt" || (hasKeys(sent) && (keys?.some(maySign) ?? true)))
  );
  const method = possible.find((one) => signs(one, wanted)) ??
    possible.find((one) => signs(one, any));
  if (method === undefined) throw noneOffered("token_endpoint_auth_method");
  return method;
}

/** @returns undefined: the member can be left out */
function chosenValue(
  sent: JsonObject,
  single: Exclude<Single, "token_endpoint_auth_method">,
  offered: readonly unknown[],
): unknown {
  const { schema } = members[single];
  const fitsOthers = fitting(sent, single);
  const fits = (value: unknown) => schema.safeParse(value).success && fitsOthers(value);
  const own = sent[single];
  if (own !== undefined && fits(own)) return own;
  const usual: unknown = schema.parse(undefined);
  if (usual === undefined && (own === undefined || own === "none")) return undefined;
  const value = [usual, ...offered].find((one) =>
    one !== undefined && offered.includes(one) && fits(one)
  );
  if (value === undefined) throw noneOffered(single);
  return value;
}

/** What tells whether a value fits the authentication method and the keys. */
function fitting(sent: JsonObject, single: Single): (value: unknown) => boolean {
  const keys = keysOf(sent);
  const hasKey = (alg: unknown) => keys === null || keys.some((key) => isKeyFor(key, String(alg)));
  if (single.endsWith("_encrypted_response_alg")) return hasKey;
  const { token_endpoint_auth_method: method } = sent;
  // A document's client that offers both has `none`, and signs with its keys if it wants to.
  const signsBy = method === "none" && hasKeys(sent) ? "private_key_jwt" : method;
  const algorithms = algorithmsOfMethod(signsBy);
  if (single !== "token_endpoint_auth_signing_alg" || algorithms === null) return () => true;
  return (alg) =>
    algorithms.some((one) => one === alg) && (signsBy !== "private_key_jwt" || hasKey(alg));
}

function algorithmsOfMethod(method: unknown): readonly string[] | null {
  if (method !== "private_key_jwt" && method !== "client_secret_jwt") return null;
  return assertionAlgorithms[method];
}

/** The keys that the metadata has; null: none, or wrong ones, which are refused elsewhere. */
function keysOf({ jwks }: JsonObject): readonly PublicJwk[] | null {
  return jwksSchema.safeParse(jwks).data?.keys ?? null;
}

function noneOffered(single: Single): OAuthError {
  return refused(single, "cannot be any of those that the client offers");
}

function refused(member: string, rule: string): OAuthError {
  return new OAuthError("invalid_client_metadata", `${member} ${rule}`);
}
