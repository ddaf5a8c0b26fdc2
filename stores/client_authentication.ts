import { signingAlgorithms } from "./provider.ts";

/** @see RFC 7591 section 2 */
export const clientAuthenticationMethods = [
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  "private_key_jwt",
  "tls_client_auth",
  "self_signed_tls_client_auth",
  "workload_jwt",
  "none",
] as const;
export type ClientAuthenticationMethod = (typeof clientAuthenticationMethods)[number];
/** What a client may sign its assertion with, by its method. `none` is no signature. */
export const assertionAlgorithms = {
  client_secret_jwt: ["HS256", "HS384", "HS512"],
  private_key_jwt: signingAlgorithms,
} as const;
export const allAssertionAlgorithms = [
  ...assertionAlgorithms.client_secret_jwt,
  ...assertionAlgorithms.private_key_jwt,
] as const;
