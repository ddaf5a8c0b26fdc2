import * as auditEvents from "../../stores/audit_events.ts";
import { recordedClient } from "../../stores/client_identity.ts";
import type { Client } from "../../stores/clients.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import { clientStep } from "../callers/client_step.ts";
import { type ClientRequest, preparedCall, readCaller, spendProofs } from "../callers/caller.ts";
import { withoutCredentials } from "../clients/credentials.ts";
import type { Deps } from "../deps/deps.ts";
import { apart } from "../identifiers/apart.ts";
import { OAuthError } from "../protocol/errors.ts";
import { keptParameters, tooLongToKeep } from "../protocol/kept_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { checkedRequest } from "./checked_request.ts";
import { type RequestSource, requestUriPrefix, spendSource } from "./request_source.ts";
import { assertSignedIfMust } from "./signed_request.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { AuthorizationError, responseTarget } from "../interactions/target.ts";
import { requestedKey } from "../tokens/dpop.ts";

/** @see RFC 9126 section 2.2 */
export interface PushResponse {
  readonly request_uri: string;
  /** Seconds. */
  readonly expires_in: number;
}

/**
 * Accepts an authorization request from the client itself, with all checks of the authorization
 * endpoint. The browser then brings only its name.
 *
 * @throws {OAuthError} to the client, never through a browser
 * @see RFC 9126 section 2
 */
export async function pushAuthorizationRequest(
  deps: Deps,
  request: ClientRequest,
): Promise<PushResponse> {
  const call = await preparedCall(deps, request);
  const sent = withoutCredentials(request.form);
  return await clientStep(deps, call, async (tx) => {
    const prefetch = resourceRefs(sent);
    const { caller, provider } = await readCaller(deps, tx, call, {}, { prefetch });
    const { client } = caller;
    if (sent.request_uri !== undefined) {
      throw new OAuthError("invalid_request", "request_uri must not be pushed");
    }
    const { parameters, source } = await pushedParameters(deps, tx, client, sent);
    assertSignedIfMust(deps.config, client, source);
    toldDirectly(() => responseTarget(client, parameters));
    const { request: parsed } = await checkedRequest(deps, tx, client, parameters);
    const { id_token_hint: hint } = parsed;
    const kept = keptParameters(parameters);
    if (hint !== undefined) {
      // The rest was measured with the target.
      kept.id_token_hint = await keptHint(deps, hint);
      const tooLong = tooLongToKeep(kept);
      if (tooLong !== null) throw new OAuthError("invalid_request", tooLong);
    }
    const jkt = requestedKey(call.proof, parsed.dpop_jkt);
    if (jkt !== null) kept.dpop_jkt = jkt;
    await spendProofs(tx, caller);
    const { requestUri: lifetime } = deps.config.lifetimes;
    spendSource(deps, tx, source, { clientId: client.clientId, spentBy: "pushed" });
    const requestUri = requestUriPrefix + tx.ids.secret();
    pushedRequests.add(tx, pushedRequests.ref(requestUri), {
      clientId: client.clientId,
      parameters: kept,
      providerEpoch: provider.epoch,
      ...recordedClient(client),
      signed: source.kind === "object" && source.signed,
      expiresAt: tx.now + lifetime,
    });
    auditEvents.append(tx, { type: "request_pushed", clientId: client.clientId });
    return { request_uri: requestUri, expires_in: lifetime };
  });
}

/** Characters of a hint that is stored unverified. */
const longestUnverified = 1024;

/**
 * The hint is verified when the browser opens the request. A long one is verified before it is stored too;
 * what is left of another one is as wrong as all of it.
 */
async function keptHint(deps: Deps, hint: string): Promise<string> {
  if (hint.length <= longestUnverified) return hint;
  const { readIdTokenHint } = await import("../tokens/id_token_hint.ts");
  return await readIdTokenHint(deps, hint) === null
    ? apart(hint.slice(0, longestUnverified))
    : hint;
}

/**
 * The parameters that count: with a request object those inside, and no others.
 *
 * @throws {OAuthError} `invalid_request_object`
 * @throws {ClientKeysNeeded} `clientStep` handles it
 * @see RFC 9126 section 3
 */
async function pushedParameters(
  deps: Deps,
  tx: Transaction,
  client: Client,
  sent: Readonly<Record<string, string | string[]>>,
): Promise<{ readonly parameters: RawParameters; readonly source: RequestSource }> {
  const { request: jwt } = sent;
  if (typeof jwt !== "string") {
    const isNamed = sent.client_id === client.clientId;
    const parameters = isNamed ? sent : { ...sent, client_id: client.clientId };
    return { parameters, source: { kind: "plain" } };
  }
  const { readRequestObject } = await import("./request_object.ts"); // few clients need it
  return await readRequestObject(deps, tx, client, jwt);
}

/** An error that the authorization endpoint would send by a redirect, the client gets at once. */
function toldDirectly<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AuthorizationError ? error.error : error;
  }
}
