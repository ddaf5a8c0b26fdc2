import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import { certificateSubjects } from "./certificate_members.ts";
import { hasKeys } from "./jwks.ts";
import { usesSecret } from "./kept_secret.ts";

interface AuthenticationMetadata
  extends Readonly<Partial<Record<(typeof certificateSubjects)[number], string | undefined>>> {
  readonly token_endpoint_auth_method: string;
  readonly token_endpoint_auth_signing_alg?: string | undefined;
  readonly client_secret?: string | undefined;
  readonly jwks?: unknown;
  readonly jwks_uri?: string | undefined;
  readonly workload_issuer?: string | undefined;
  readonly workload_subject?: string | undefined;
}

/** A HMAC key must not be shorter than its hash (RFC 7518 section 3.2). */
const shortestHmacSecret = 32;

const methodsWithKeys = ["private_key_jwt", "self_signed_tls_client_auth"];

/** What is wrong with the way in which a client wants to authenticate. @see RFC 7591 section 2 */
export function authenticationProblems(
  metadata: AuthenticationMetadata,
): { readonly path: keyof AuthenticationMetadata; readonly problem: string }[] {
  const { token_endpoint_auth_method: method, client_secret: secret } = metadata;
  const { token_endpoint_auth_signing_alg: alg, jwks, jwks_uri: jwksUri } = metadata;
  const found: { path: keyof AuthenticationMetadata; problem: string }[] = [];
  const refuse = (path: keyof AuthenticationMetadata, problem: string) => {
    found.push({ path, problem });
  };
  if (!usesSecret(method) && secret !== undefined) {
    refuse("client_secret", `must be absent where token_endpoint_auth_method is ${method}`);
  }
  if (usesSecret(method) && secret === undefined) {
    refuse("client_secret", "is missing: set one, or token_endpoint_auth_method to none");
  }
  if (
    method === "client_secret_jwt" && secret !== undefined && secret.length < shortestHmacSecret
  ) {
    refuse(
      "client_secret",
      `must have at least ${shortestHmacSecret} characters for client_secret_jwt`,
    );
  }
  if (jwks !== undefined && jwksUri !== undefined) {
    refuse("jwks", "must be absent where there is a jwks_uri");
  }
  if (methodsWithKeys.includes(method) && !hasKeys(metadata)) {
    refuse("jwks", `is missing: ${method} needs it, or jwks_uri`);
  }
  if (method === "private_key_jwt" || method === "client_secret_jwt") {
    const fitting: readonly string[] = assertionAlgorithms[method];
    if (alg !== undefined && !fitting.includes(alg)) {
      refuse("token_endpoint_auth_signing_alg", `must be one of ${fitting.join(", ")}`);
    }
  }
  const subjects = certificateSubjects.filter((name) => metadata[name] !== undefined);
  if (method === "tls_client_auth" && subjects.length !== 1) {
    refuse(
      subjects[1] ?? "tls_client_auth_subject_dn",
      "or another tls_client_auth member, exactly one, is needed",
    );
  }
  for (const name of method === "tls_client_auth" ? [] : subjects) {
    refuse(name, "must be absent where token_endpoint_auth_method is not tls_client_auth");
  }
  for (const name of ["workload_issuer", "workload_subject"] as const) {
    if ((metadata[name] !== undefined) === (method === "workload_jwt")) continue;
    const problem = method === "workload_jwt"
      ? "is missing: workload_jwt needs it"
      : "must be absent where token_endpoint_auth_method is not workload_jwt";
    refuse(name, problem);
  }
  return found;
}
