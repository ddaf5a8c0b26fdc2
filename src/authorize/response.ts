import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Client } from "../../stores/clients.ts";
import { type ResourceScope, scopeAt } from "../../stores/resource_scopes.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { sessionState } from "../sessions/browser_state.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import type { CarriedRequest } from "../interactions/carried.ts";
import type { ResponseTarget } from "../interactions/target.ts";
import { descriptionFor } from "../protocol/error_description.ts";
import type { OAuthError } from "../protocol/errors.ts";

/** An answer to the client, sent through the browser. */
export interface AuthorizationResponse {
  readonly kind: "response";
  readonly target: ResponseTarget;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Where the browser goes after a step of an authorization request. */
export type AuthorizeAnswer =
  | AuthorizationResponse
  /** To the page of this server for which the user has signed in. */
  | { readonly kind: "own_page"; readonly path: string }
  /** To a page of this server that the request needs first. */
  | {
    readonly kind: "page";
    readonly page: "login" | "sign_up" | "consent" | "device" | "resume";
    readonly interactionId: string;
    /** The value for the browser's cookie while the page is open; null: no change. */
    readonly carried: CarriedRequest | null;
  };

/**
 * The response with what was issued: a code, or tokens. It may sign, so it comes before the commit.
 *
 * @see RFC 6749 section 4.1.2
 */
export async function successResponse(
  deps: Deps,
  tx: Transaction,
  provider: Provider,
  target: ResponseTarget,
  issued: Readonly<Record<string, string>>,
): Promise<AuthorizationResponse> {
  const parameters = withIssuer(deps, target, issued);
  const { signedFor: client } = target;
  if (client === null) return { kind: "response", target, parameters };
  const { signedResponse } = await import("./signed_response.ts"); // few clients ask for it
  const jwt = await signedResponse(deps, tx, { provider, client, parameters });
  return { kind: "response", target, parameters: { response: jwt } };
}

/** The `session_state` of a response, for a client that knows the user. */
export function sessionStateFor(
  { random }: Pick<Transaction, "random">,
  { client, target, resourceScopes, live }: {
    readonly client: Client;
    readonly target: ResponseTarget;
    /** What was granted. */
    readonly resourceScopes: readonly ResourceScope[];
    readonly live: LiveSession;
  },
): { readonly session_state?: string } {
  if (!scopeAt(resourceScopes, null).includes("openid")) return {};
  const { clientId } = client;
  const { redirectUri } = target;
  const state = sessionState(random, { clientId, redirectUri, sessionId: live.id });
  return state === null ? {} : { session_state: state };
}

/**
 * The response with an error.
 *
 * @throws {OAuthError} if a client that wants encrypted responses has no key for them
 * @see RFC 6749 section 4.1.2.1
 */
export async function errorResponse(
  deps: Deps,
  target: ResponseTarget,
  error: OAuthError,
): Promise<AuthorizationResponse> {
  const error_description = descriptionFor(deps.config, error);
  const told = { error: error.code, error_description };
  if (target.signedFor === null) {
    return { kind: "response", target, parameters: withIssuer(deps, target, told) };
  }
  return await clientStep(deps, { origin: systemOrigin }, async (tx) => {
    const { provider } = await providers.read(tx, {});
    return await successResponse(deps, tx, provider, target, told);
  });
}

/** The parameters of every response: the issuer (RFC 9207 section 2) and the request's state. */
function withIssuer(
  { config }: Deps,
  { state }: ResponseTarget,
  outcome: Readonly<Record<string, string>>,
): Record<string, string> {
  const parameters: Record<string, string> = { ...outcome, iss: config.issuer };
  if (state !== null) parameters.state = state;
  return parameters;
}
