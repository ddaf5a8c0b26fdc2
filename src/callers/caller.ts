import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Ref } from "../../stores/engine/collection.ts";
import type { Entries, Origin, Refs, Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import { authenticateClient, type AuthenticatedClient, isPublic } from "../clients/authenticate.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import { failed } from "../clients/methods/failed.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import {
  type PresentedProof,
  proofRefs,
  spendProof,
  type VerifiedProof,
  verifyProof,
} from "../tokens/dpop.ts";

/** A request at an endpoint that clients call. */
export interface ClientRequest {
  readonly origin: Origin;
  /** No parameter comes twice, except `resource`. */
  readonly form: Readonly<Record<string, string | string[]>>;
  readonly credentials: PresentedCredentials;
  readonly proof: PresentedProof | null;
}

/** A request whose DPoP proof has been verified; the step that answers it has yet to spend the proof. */
export interface Call extends Omit<ClientRequest, "proof"> {
  readonly proof: VerifiedProof | null;
}

/**
 * Does what has to be done before the step that reads who calls.
 *
 * @throws {OAuthError} `invalid_dpop_proof`, `use_dpop_nonce`
 */
export async function preparedCall(deps: Deps, request: ClientRequest): Promise<Call> {
  return { ...request, proof: request.proof && await verifyProof(deps, request.proof) };
}

/** Who calls: a client that has authenticated, and what it has proved beside that. */
export interface Caller {
  readonly client: AuthenticatedClient;
  readonly proof: VerifiedProof | null;
}

/** What an endpoint asks of whoever calls it. */
export interface CallerRules {
  /** That the client must be registered for. */
  readonly grantType?: Client["grantTypes"][number];
  /** Whether a public client has no business here. */
  readonly confidential?: boolean;
}

/**
 * Reads who calls, in one batch with the first records of the step.
 *
 * @param along read in the same round trip, for a `peek` that follows
 * @throws {OAuthError} `invalid_client`, `unauthorized_client`
 */
export async function readCaller<R extends Refs>(
  tx: Transaction,
  call: Call,
  rules: CallerRules,
  refs: R,
  along: readonly Ref<unknown>[] = [],
): Promise<Entries<R> & { readonly provider: Provider; readonly caller: Caller }> {
  const { credentials, proof } = call;
  const clientRef = clients.ref(credentials.clientId);
  const found = await providers.read(tx, refs, [clientRef, ...along, ...await proofRefs(call)]);
  const { client: entry } = await tx.read({ client: clientRef }); // of the same batch
  const client = await authenticateClient(entry, credentials);
  if (rules.confidential && isPublic(client)) throw failed("client_not_allowed");
  if (rules.grantType !== undefined && !client.grantTypes.includes(rules.grantType)) {
    throw new OAuthError(
      "unauthorized_client",
      `the client is not registered for ${rules.grantType}`,
    );
  }
  return { ...found, caller: { client, proof } };
}

/**
 * Spends what the caller has proved with, so that it pays for one thing. It comes after the checks whose
 * failure must have consequences of their own, such as a code that was used before.
 *
 * @throws {OAuthError} `invalid_dpop_proof` if it was used before
 */
export async function spendProofs(tx: Transaction, { client, proof }: Caller) {
  if (proof !== null) await spendProof(tx, proof, client.clientId);
}
