import type { Deps } from "../deps/deps.ts";
import type { CarriedRequest } from "../interactions/carried.ts";
import type { ResponseTarget } from "../interactions/target.ts";
import { descriptionFor } from "../protocol/error_description.ts";
import type { OAuthError } from "../protocol/errors.ts";

/** An answer to the client, by way of the browser. */
export interface AuthorizationResponse {
  readonly kind: "response";
  readonly target: ResponseTarget;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Where the browser goes after a step of an authorization request. */
export type AuthorizeAnswer =
  | AuthorizationResponse
  /** To the page of ours for which somebody has signed in. */
  | { readonly kind: "own_page"; readonly path: string }
  /** To a page of ours that a request needs first. */
  | {
    readonly kind: "page";
    readonly page: "login" | "sign_up" | "consent" | "resume";
    readonly interactionId: string;
    /** What the browser carries while the page is open; null: nothing new. */
    readonly carried: CarriedRequest | null;
  };

/** Tells the client its code. @see RFC 6749 section 4.1.2 */
export function codeResponse(
  deps: Deps,
  target: ResponseTarget,
  code: string,
): AuthorizationResponse {
  return response(deps, target, { code });
}

/** Tells the client why it gets none. @see RFC 6749 section 4.1.2.1 */
export function errorResponse(
  deps: Deps,
  target: ResponseTarget,
  error: OAuthError,
): AuthorizationResponse {
  const error_description = descriptionFor(deps.config, error);
  return response(deps, target, { error: error.code, error_description });
}

/** What every response has: its issuer (RFC 9207 section 2) and the state of the request. */
function response(
  { config }: Deps,
  target: ResponseTarget,
  outcome: Readonly<Record<string, string>>,
): AuthorizationResponse {
  const parameters: Record<string, string> = { ...outcome, iss: config.issuer };
  if (target.state !== null) parameters.state = target.state;
  return { kind: "response", target, parameters };
}
