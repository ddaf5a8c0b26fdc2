import { exportJWK, type JWK } from "jose";
import { responseTypes } from "../../../stores/response_types.ts";
import { aCertificate, verified } from "../../support/certificate.ts";
import { aClientKey } from "../../support/client_assertion.ts";
import { aClient, type ClientEntry } from "../../support/clients.ts";
import { otherServer, secretOf, stock, types } from "./world.ts";

/** The relying parties of all modes, as their operator writes them. */
export interface Registered {
  readonly clients: readonly ClientEntry[];
  readonly signingKey: JWK;
  readonly encryptionKey: JWK;
  readonly certificate: Readonly<Record<string, string>>;
}

/** @param published where they publish request objects, and are told of what has happened */
export async function registered(published: string): Promise<Registered> {
  const signing = await aClientKey("ES256");
  const encryption = await aClientKey("ECDH-ES", "enc");
  const certificate = await aCertificate({ subject: [[["2.5.4.3", "tls"]]] });
  const keys = (...some: JWK[]) => ({ jwks: { keys: some } });
  const code = { skip_consent: true, scope: "openid profile email offline_access" };
  const one = (id: string, members: Record<string, unknown> = {}) =>
    aClient(id, { ...code, client_secret: secretOf(id), ...members });
  const without = (id: string, method: string, members: Record<string, unknown> = {}) => {
    const { client_secret: _, ...entry } = one(id, members);
    return { ...entry, token_endpoint_auth_method: method } as ClientEntry;
  };
  const sealed = Object.fromEntries(
    ["authorization", "id_token", "userinfo", "introspection"].flatMap((answer) => [
      [`${answer}_encrypted_response_alg`, "ECDH-ES"],
      [`${answer}_encrypted_response_enc`, "A256GCM"],
    ]),
  );
  const signed = { userinfo_signed_response_alg: "ES256" };
  const elsewhere = {
    redirect_uris: [],
    post_logout_redirect_uris: [],
    grant_types: [types.ciba, "refresh_token"],
  };
  const tls = { tls_client_certificate_bound_access_tokens: true };
  const clients = [
    one("basic", { token_endpoint_auth_method: "client_secret_basic" }),
    one("post"),
    one("hmac", { token_endpoint_auth_method: "client_secret_jwt" }),
    without("key", "private_key_jwt", keys(signing.publicJwk)),
    without("phone", "none"),
    one("bound", { dpop_bound_access_tokens: true }),
    without("tls", "tls_client_auth", { ...tls, tls_client_auth_subject_dn: "CN=tls" }),
    without("self", "self_signed_tls_client_auth", { ...tls, ...keys(certificate.publicJwk) }),
    one("signer", {
      ...keys(signing.publicJwk),
      request_object_signing_alg: "ES256",
      authorization_signed_response_alg: "ES256",
      request_uris: ["openid", "oauth4webapi"].map((library) => `${published}/object-${library}`),
    }),
    one("hider", {
      ...keys(signing.publicJwk),
      request_object_signing_alg: "ES256",
      request_object_encryption_alg: "ECDH-ES",
      request_object_encryption_enc: "A256GCM",
    }),
    one("hybrid", {
      response_types: responseTypes,
      grant_types: ["authorization_code", "refresh_token", "implicit"],
    }),
    one("signed", { ...signed, introspection_signed_response_alg: "ES256" }),
    one("sealed", { ...signed, ...sealed, ...keys({ ...encryption.publicJwk, use: "enc" }) }),
    one("tv", { grant_types: [types.deviceCode, "refresh_token"], redirect_uris: [] }),
    one("poller", { ...elsewhere, backchannel_token_delivery_mode: "poll" }),
    one("pinged", {
      ...elsewhere,
      backchannel_token_delivery_mode: "ping",
      backchannel_client_notification_endpoint: `${published}/pinged`,
    }),
    one("partner", {
      grant_types: ["authorization_code", "refresh_token", types.tokenExchange, types.jwtBearer],
      scope: "openid profile email offline_access orders:read",
      token_exchange: { subject_audiences: [], resources: [stock] },
      id_jag_audiences: [{ audience: otherServer, client_id: "partner-at-chat", scope: "read" }],
    }),
    one("east", { subject_type: "pairwise" }),
    one("west", { subject_type: "pairwise" }),
    one("told", { backchannel_logout_uri: `${published}/told` }),
    one("framed", { frontchannel_logout_uri: "https://framed.example/frontchannel" }),
  ];
  const privately = async (key: CryptoKey, more: JWK) => ({ ...await exportJWK(key), ...more });
  return {
    clients,
    signingKey: await privately(signing.privateKey, { alg: "ES256", kid: "1" }),
    encryptionKey: await privately(encryption.privateKey, { alg: "ECDH-ES", kid: "enc" }),
    certificate: { ...certificate.header, ...verified },
  };
}
