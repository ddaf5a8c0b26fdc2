import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { isPresent, type Ref } from "../../stores/engine/collection.ts";
import type { Entries, Origin, Refs, Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import * as clientKeys from "../../stores/client_keys.ts";
import * as issuerKeys from "../../stores/issuer_keys.ts";
import { assertionRefs, spendAssertion } from "../clients/methods/client_assertion.ts";
import { workloadIssuers } from "../clients/other_issuers.ts";
import type { ClientCertificate } from "../certificates/client_certificate.ts";
import type { PresentedCertificate } from "../certificates/presented_certificate.ts";
import { authenticateClient, type Authenticated, isPublic } from "../clients/authenticate.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import { failed } from "../clients/methods/failed.ts";
import { leastLifetime, renewedEnd } from "../clients/registration_lifetime.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Possession } from "../tokens/confirmation.ts";
import {
  assertProofOfProfile,
  type PresentedProof,
  proofRefs,
  spendProof,
  type VerifiedProof,
  verifyProof,
} from "../tokens/dpop.ts";
import { validCertificate } from "../tokens/possession.ts";

/** A request at an endpoint for clients. */
export interface ClientRequest {
  readonly origin: Origin;
  /** No parameter occurs twice, except `resource`. */
  readonly form: Readonly<Record<string, string | string[]>>;
  readonly credentials: PresentedCredentials;
  readonly proof: PresentedProof | null;
  /** That of the connection, as a trusted proxy passed it on. */
  readonly certificate: PresentedCertificate | null;
}

/** A request whose DPoP proof has been verified. The step that answers it must still spend the proof. */
export interface Call extends Omit<ClientRequest, "proof" | "certificate"> {
  readonly proof: VerifiedProof | null;
  readonly certificate: ClientCertificate | null;
}

/**
 * Does the work that must come before the step that reads the caller.
 *
 * @throws {OAuthError} `invalid_dpop_proof`, `use_dpop_nonce`; `invalid_client` for a certificate that is
 *   not valid
 */
export async function preparedCall(deps: Deps, request: ClientRequest): Promise<Call> {
  const { proof, certificate } = request;
  return {
    ...request,
    proof: proof && await verifyProof(deps, proof),
    certificate: certificate && await validCertificate(deps, certificate, "invalid_client"),
  };
}

/** The caller: an authenticated client, with the keys whose possession it proved. */
export interface Caller extends Authenticated, Possession {}

/** The rules of an endpoint for its callers, and what else it needs of their batch. */
export interface CallerOptions {
  /** The client must be registered for it. */
  readonly grantType?: Client["grantTypes"][number];
  /** Whether public clients are refused. */
  readonly confidential?: boolean;
  /** Read in the same round trip, for a `peek` that follows. */
  readonly prefetch?: readonly Ref<unknown>[];
}

/**
 * Reads the caller, in one batch with the first records of the step.
 *
 * @throws {OAuthError} `invalid_client`, `unauthorized_client`
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @throws {IssuerKeysNeeded} the same
 */
export async function readCaller<R extends Refs>(
  deps: Pick<Deps, "config" | "masterKey">,
  tx: Transaction,
  call: Call,
  refs: R,
  { grantType, confidential = false, prefetch = [] }: CallerOptions = {},
): Promise<Entries<R> & { readonly provider: Provider; readonly caller: Caller }> {
  const { credentials, proof, certificate } = call;
  const clientRef = clients.ref(credentials.clientId);
  const hasKeys = credentials.method === "client_assertion" ||
    (credentials.method === "none" && certificate !== null);
  const keysRef = hasKeys ? clientKeys.ref(credentials.clientId) : null;
  const issuerRef = credentials.method === "workload_assertion"
    ? issuerKeys.ref(credentials.issuer)
    : null;
  const prefetched: Ref<unknown>[] = [clientRef, ...prefetch];
  // No request waits for what only others have.
  if (proof !== null) prefetched.push(...await proofRefs(call));
  if ("jti" in credentials) prefetched.push(...await assertionRefs(credentials));
  if (keysRef !== null) prefetched.push(keysRef);
  if (issuerRef !== null) prefetched.push(issuerRef);
  const found = await providers.read(tx, refs, prefetched);
  const keys = keysRef && (await tx.peek({ keys: keysRef }, "registration")).keys;
  const theirs = issuerRef && (await tx.peek({ keys: issuerRef }, "registration")).keys;
  const { client, assertion } = await authenticateClient(tx.fetched(clientRef), credentials, {
    issuer: deps.config.issuer,
    masterKey: deps.masterKey,
    now: tx.now,
    fetchedKeys: keys?.value ?? null,
    workloadIssuers: issuerRef === null ? [] : workloadIssuers(deps.config, providers.fetched(tx)),
    issuerKeys: theirs?.value ?? null,
    certificate,
  });
  assertProofOfProfile(client, proof);
  if (confidential && isPublic(client)) throw failed("client_not_allowed");
  if (grantType !== undefined && !client.grantTypes.includes(grantType)) {
    throw new OAuthError("unauthorized_client", `the client is not registered for ${grantType}`);
  }
  return { ...found, caller: { client, assertion, proof, certificate } };
}

/**
 * Spends the caller's proof, so that it is good for one request only. Call it after the checks whose
 * failure has its own consequences, such as a code that was used before.
 *
 * @throws {OAuthError} `invalid_client`, `invalid_dpop_proof` if it was used before
 */
export async function spendProofs(tx: Transaction, { client, assertion, proof }: Caller) {
  if (assertion !== null) await spendAssertion(tx, assertion);
  if (proof !== null) await spendProof(tx, proof, client.clientId);
}

/**
 * A client that registered itself is kept for as long as people use it. Call it where tokens are issued for
 * somebody: anybody can call the other endpoints as a public client, for ever. It is written once a month.
 */
export function renewRegistration(
  { config }: Pick<Deps, "config">,
  tx: Transaction,
  { client: { clientId } }: Caller,
) {
  const entry = tx.fetched(clients.ref(clientId)); // by `readCaller`
  if (!isPresent(entry) || entry.value.expiresAt === undefined) return;
  if (entry.value.expiresAt >= tx.now + leastLifetime(config)) return;
  clients.keep(tx, entry, { ...entry.value, expiresAt: renewedEnd(config, tx.now) });
}
