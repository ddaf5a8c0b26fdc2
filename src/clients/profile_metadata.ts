import type { Client } from "../../stores/clients.ts";
import type { JsonObject } from "../protocol/json_entry.ts";
import { allowedAlgorithms, fapiMethods, mayRedirectTo } from "./profile.ts";

/** How a client authenticates that does not say it. @see RFC 7591 section 2 */
export function usualMethod({ profile, client_secret: secret }: JsonObject): string {
  if (profile === "fapi2") return "private_key_jwt";
  return profile === "mcp" && secret === undefined ? "none" : "client_secret_basic";
}

/** Metadata with the defaults of its profile for what it leaves out. */
export function withProfileDefaults(written: unknown): unknown {
  if (typeof written !== "object" || written === null || !("profile" in written)) return written;
  const given = Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined),
  );
  const method = { token_endpoint_auth_method: usualMethod(given) };
  if (written.profile === "mcp") {
    return { ...method, grant_types: ["authorization_code", "refresh_token"], ...given };
  }
  if (written.profile !== "fapi2") return written;
  return {
    ...method,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: given.tls_client_certificate_bound_access_tokens !== true,
    id_token_signed_response_alg: "ES256",
    authorization_signed_response_alg: "ES256",
    introspection_signed_response_alg: "ES256",
    rotate_refresh_tokens: false,
    refresh_token_grace_period: 0,
    ...given,
  };
}

/** The metadata that a profile has rules for, as far as it is known. */
interface ProfiledMetadata {
  readonly profile: Client["profile"];
  readonly token_endpoint_auth_method: string;
  readonly token_endpoint_auth_signing_alg?: string | undefined;
  readonly id_token_signed_response_alg: string;
  readonly authorization_signed_response_alg: string;
  readonly introspection_signed_response_alg: string;
  readonly userinfo_signed_response_alg?: string | undefined;
  readonly request_object_signing_alg?: string | undefined;
  readonly backchannel_authentication_request_signing_alg?: string | undefined;
  readonly redirect_uris: readonly string[];
  readonly response_types: readonly string[];
  readonly require_pkce: boolean;
  readonly require_pushed_authorization_requests: boolean;
  readonly dpop_bound_access_tokens: boolean;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly rotate_refresh_tokens: boolean;
  readonly refresh_token_grace_period: number;
}

type Member = Exclude<keyof ProfiledMetadata, "tls_client_certificate_bound_access_tokens">;

/** The members that name an algorithm of a signature, by the client or for it. */
const signatures = [
  "token_endpoint_auth_signing_alg",
  "id_token_signed_response_alg",
  "userinfo_signed_response_alg",
  "authorization_signed_response_alg",
  "introspection_signed_response_alg",
  "request_object_signing_alg",
  "backchannel_authentication_request_signing_alg",
] as const satisfies readonly Member[];

/** The members that contradict the profile: metadata must not claim what the server does not do. */
export function profileProblems(
  metadata: ProfiledMetadata,
): { readonly path: Member; readonly problem: string }[] {
  const { profile } = metadata;
  if (profile === "standard") return [];
  const client: Pick<Client, "profile"> = { profile };
  const isAllowed = (name: string) => allowedAlgorithms(client, [name]).length > 0;
  const isBound = metadata.dpop_bound_access_tokens ||
    metadata.tls_client_certificate_bound_access_tokens === true;
  const fapi: [boolean, Member, string][] = [
    [
      fapiMethods.includes(metadata.token_endpoint_auth_method),
      "token_endpoint_auth_method",
      `must be one of ${fapiMethods.join(", ")}`,
    ],
    ...signatures.map((name): [boolean, Member, string] => {
      const alg = metadata[name];
      return [alg === undefined || isAllowed(alg), name, "must be PS256, ES256, EdDSA or Ed25519"];
    }),
    [
      metadata.redirect_uris.every((uri) => mayRedirectTo(client, uri)),
      "redirect_uris",
      "must be https",
    ],
    [
      metadata.require_pushed_authorization_requests,
      "require_pushed_authorization_requests",
      "must be true",
    ],
    [isBound, "dpop_bound_access_tokens", "must be true, unless tokens are bound to a certificate"],
    [!metadata.rotate_refresh_tokens, "rotate_refresh_tokens", "must be false"],
    [metadata.refresh_token_grace_period === 0, "refresh_token_grace_period", "must be 0"],
  ];
  const both: typeof fapi = [
    [metadata.require_pkce, "require_pkce", "must be true"],
    [
      metadata.response_types.every((type) => type === "code"),
      "response_types",
      "must be code alone",
    ],
  ];
  return [...profile === "fapi2" ? fapi : [], ...both]
    .flatMap(([isRight, path, problem]) =>
      isRight ? [] : [{ path, problem: `${problem} for the profile ${profile}` }]
    );
}
