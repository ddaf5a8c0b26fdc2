import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { noteClient } from "../protocol/refusals.ts";
import type { ClientCertificate } from "../certificates/client_certificate.ts";
import type { PresentedCredentials } from "./credentials.ts";
import {
  type AssertionContext,
  type VerifiedAssertion,
  verifyAssertion,
} from "./methods/client_assertion.ts";
import {
  isBySecret,
  isSecretOf,
  type PresentedSecret,
  takesSecret,
} from "./methods/client_secret.ts";
import { failed } from "./methods/failed.ts";
import type { WorkloadContext } from "./methods/workload_assertion.ts";
import { isMethodAllowed } from "./profile.ts";

declare const authenticated: unique symbol;
/** A client that proved who it is, or a public one that has nothing to prove: only this file makes one. */
export type AuthenticatedClient = Client & { readonly [authenticated]: true };

/** An authenticated client, and the assertion that its step must spend; null: there is none. */
export interface Authenticated {
  readonly client: AuthenticatedClient;
  readonly assertion: VerifiedAssertion | null;
}

/** What credentials are checked with. */
export interface AuthenticationContext extends AssertionContext, WorkloadContext {
  /** That of the connection. */
  readonly certificate: ClientCertificate | null;
}

/**
 * Authenticates the caller. An unknown client, a wrong secret, an unexpected and a missing secret take the
 * same path and get the same answer, so that nothing reveals which client ids exist.
 *
 * @throws {OAuthError} `invalid_client`
 * @throws {ClientKeysNeeded} only for a client with a `jwks_uri`
 * @throws {IssuerKeysNeeded} only for a workload
 * @see RFC 6749 section 3.2.1
 */
export async function authenticateClient(
  entry: Entry<Client>,
  credentials: PresentedCredentials,
  context: AuthenticationContext,
): Promise<Authenticated> {
  if (isBySecret(credentials)) {
    return { client: authenticateBySecret(entry, credentials, context), assertion: null };
  }
  const { value: client } = entry;
  if (client !== null) noteClient(client.clientId);
  const proved = await proofOf(client, credentials, context);
  const [problem, assertion] = typeof proved === "string" ? [proved, null] : [null, proved];
  return { client: authenticatedAs(client, problem), assertion };
}

/** The same for a secret, without a wait. @throws {OAuthError} `invalid_client` */
export function authenticateBySecret(
  { value: client }: Entry<Client>,
  credentials: PresentedSecret,
  { now }: { readonly now: number },
): AuthenticatedClient {
  if (client !== null) noteClient(client.clientId);
  const isRight = isSecretOf(client, credentials, now);
  const isExpected = client === null || takesSecret(client);
  const problem = isExpected ? "client_secret_wrong" : "client_secret_unexpected";
  return authenticatedAs(client, isRight ? null : problem);
}

/** @param problem why it is not who it says, for our log; null: it has proved it */
function authenticatedAs(client: Client | null, problem: RefusalReason | null) {
  if (client === null) throw failed("client_unknown");
  if (problem !== null) throw failed(problem);
  if (!isMethodAllowed(client)) throw failed("client_method_not_allowed");
  return client as AuthenticatedClient;
}

/**
 * A new method is one file in methods/ and one case here: the compiler asks for it.
 *
 * @returns why the client is not who it says, for our log; else its assertion, null for other methods
 */
async function proofOf(
  client: Client | null,
  credentials: Exclude<PresentedCredentials, PresentedSecret>,
  context: AuthenticationContext,
): Promise<VerifiedAssertion | null | RefusalReason> {
  if (client === null) return "client_unknown";
  switch (credentials.method) {
    case "none":
      if (isPublic(client)) return null;
      if (usesCertificate(client)) {
        const { certificateProblem } = await import("./methods/client_certificate.ts");
        return await certificateProblem(client, context.certificate, context);
      }
      return client.secretDigest === null ? "client_assertion_missing" : "client_secret_missing";
    case "client_assertion":
      return await verifyAssertion(client, credentials, context);
    case "workload_assertion": {
      const { verifyWorkload } = await import("./methods/workload_assertion.ts");
      return await verifyWorkload(client, credentials, context);
    }
  }
}

/** Whether a client has no credentials. @see RFC 6749 section 2.1 */
export function isPublic(client: Client): boolean {
  return client.tokenEndpointAuthMethod === "none";
}

/** Whether a client authenticates by the certificate of its connection. @see RFC 8705 section 2 */
function usesCertificate({ tokenEndpointAuthMethod: method }: Client): boolean {
  return method === "tls_client_auth" || method === "self_signed_tls_client_auth";
}
