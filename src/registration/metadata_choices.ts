import {
  assertionAlgorithms,
  type ClientAuthenticationMethod,
} from "../../stores/client_authentication.ts";
import type { Client } from "../../stores/clients.ts";
import type { PublicJwk } from "../../stores/public_jwk.ts";
import { hasKeys, jwksSchema } from "../clients/jwks.ts";
import { isKeyFor } from "../clients/key_use.ts";
import { members } from "../clients/members.ts";
import { allowedAlgorithms, isMethodAllowed } from "../clients/profile.ts";
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
  vouched: readonly string[],
): JsonObject {
  const client: Offering = {
    hasKeys: hasKeys(sent),
    keys: jwksSchema.safeParse(sent.jwks).data?.keys ?? null,
    profile: members.profile.schema.safeParse(sent.profile).data ?? "standard",
  };
  let chosen = sent;
  for (const [list, single] of Object.entries(choices)) {
    const offered = sent[list];
    if (offered === undefined || vouched.includes(single)) continue;
    if (!Array.isArray(offered)) throw refused(list, "must be an array");
    const own = sent[single];
    if (own !== undefined && !offered.includes(own)) throw refused(single, `must be in ${list}`);
    const value = single === "token_endpoint_auth_method"
      ? chosenMethod(client, sent, supportedMethods(config).filter((one) => offered.includes(one)))
      : chosenValue(client, chosen, single, offered);
    chosen = { ...chosen, [single]: value };
  }
  return chosen;
}

/** What the values of a client have to fit. */
interface Offering {
  readonly hasKeys: boolean;
  /** Null: none here, or wrong ones, which are refused elsewhere. */
  readonly keys: readonly PublicJwk[] | null;
  readonly profile: Client["profile"];
}

/** A method with which the client can authenticate, by its keys and by an algorithm that it offers. */
function chosenMethod(
  client: Offering,
  sent: JsonObject,
  offered: readonly ClientAuthenticationMethod[],
): unknown {
  const {
    token_endpoint_auth_method: own,
    token_endpoint_auth_signing_alg: ownAlg,
    token_endpoint_auth_signing_alg_values_supported: several,
  } = sent;
  const wanted = ownAlg === undefined ? several : [ownAlg];
  const signs = (method: unknown, algorithms: unknown) => {
    const possible = algorithmsOfMethod(client, method);
    return possible === null ||
      possible.some((alg) => !Array.isArray(algorithms) || algorithms.includes(alg));
  };
  const any = Array.isArray(several) ? several : wanted;
  const possible = offered.filter((method) =>
    isMethodAllowed({ ...client, tokenEndpointAuthMethod: method })
  );
  if (possible.some((one) => one === own) && signs(own, any)) return own;
  const byStrength = methodsByStrength.filter((method) =>
    possible.some((one) => one === method) && (method !== "private_key_jwt" || client.hasKeys)
  );
  const method = byStrength.find((one) => signs(one, wanted)) ??
    byStrength.find((one) => signs(one, any));
  if (method === undefined) throw noneOffered("token_endpoint_auth_method");
  return method;
}

/** @returns undefined: the member can be left out */
function chosenValue(
  client: Offering,
  sent: JsonObject,
  single: Exclude<Single, "token_endpoint_auth_method">,
  offered: readonly unknown[],
): unknown {
  const { schema } = members[single];
  const fitsOthers = fitting(client, sent, single);
  const fits = (value: unknown) => schema.safeParse(value).success && fitsOthers(String(value));
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

/** Decides whether a value fits the profile, the authentication method and the keys. */
function fitting(
  client: Offering,
  { token_endpoint_auth_method: method }: JsonObject,
  single: Single,
): (value: string) => boolean {
  if (single.endsWith("_encrypted_response_alg")) return (alg) => hasKey(client, alg);
  if (single.endsWith("_signed_response_alg")) return (alg) => isAllowed(client, alg);
  if (single === "request_object_signing_alg") {
    return (alg) => isAllowed(client, alg) && (alg === "none" || hasKey(client, alg));
  }
  if (single !== "token_endpoint_auth_signing_alg") return () => true;
  // A document's client that offers both has `none`, and signs with its keys if it wants to.
  const signsBy = method === "none" && client.hasKeys ? "private_key_jwt" : method;
  const algorithms = algorithmsOfMethod(client, signsBy);
  return (alg) => algorithms?.includes(alg) ?? true;
}

/** The algorithms with which a client can sign for a method; null: the method needs none. */
function algorithmsOfMethod(client: Offering, method: unknown): readonly string[] | null {
  if (method !== "private_key_jwt" && method !== "client_secret_jwt") return null;
  return assertionAlgorithms[method].filter((alg: string) =>
    isAllowed(client, alg) && (method !== "private_key_jwt" || hasKey(client, alg))
  );
}

function isAllowed(client: Offering, alg: string): boolean {
  return allowedAlgorithms(client, [alg]).length > 0;
}

function hasKey({ keys }: Offering, alg: string): boolean {
  return keys?.some((key) => isKeyFor(key, alg)) ?? true;
}

function noneOffered(single: Single): OAuthError {
  return refused(single, "cannot be any of those that the client offers");
}

function refused(member: string, rule: string): OAuthError {
  return new OAuthError("invalid_client_metadata", `${member} ${rule}`);
}
