import type { SpecificReason } from "./refusal_reasons.ts";

/** Every `error` code of this server, grouped by the document that defines it. */
export type OAuthErrorCode =
  // RFC 6749 sections 4.1.2.1 and 5.2
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "access_denied"
  | "server_error"
  | "temporarily_unavailable"
  // RFC 6750 section 3.1
  | "invalid_token"
  | "insufficient_scope"
  // RFC 7591 section 3.2.2
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
  | "invalid_software_statement"
  | "unapproved_software_statement"
  // RFC 7009 section 2.2.1
  | "unsupported_token_type"
  // RFC 8628 section 3.5
  | "authorization_pending"
  | "slow_down"
  | "expired_token"
  // CIBA Core section 13
  | "unknown_user_id"
  | "invalid_binding_message"
  // RFC 9396 section 5
  | "invalid_authorization_details"
  // RFC 8707 section 2
  | "invalid_target"
  // RFC 9126 section 2.3 and RFC 9101 section 6
  | "invalid_request_uri"
  | "invalid_request_object"
  | "request_not_supported"
  | "request_uri_not_supported"
  // RFC 9449 sections 5 and 8
  | "invalid_dpop_proof"
  | "use_dpop_nonce"
  // RFC 9470 section 3
  | "insufficient_user_authentication"
  // OpenID Connect Core section 3.1.2.6, Prompt Create and Unmet Authentication Requirements
  | "login_required"
  | "consent_required"
  | "interaction_required"
  | "account_selection_required"
  | "unmet_authentication_requirements"
  | "registration_not_supported";

/** The situation of the user, if the error code alone does not say it; pages have a text for each. */
export type PageSituation =
  | "unknown_client"
  | "redirect_uri_mismatch"
  | "interaction_finished"
  | "other_browser"
  | "form_refused"
  | "no_cookies"
  | "other_address"
  | "logout_refused"
  | "setup_link_dead"
  | "reset_link_dead"
  | "sign_in_link_dead"
  | "sign_in_link_other_browser"
  | "invitation_dead"
  | "sign_up_closed"
  | "sign_up_link_dead"
  | "address_link_dead"
  | "passkey_copied"
  | "device_code_dead"
  | "step_up_impossible"
  | "account_deleted";

/** The reason for a refusal, from a fixed list: the error code itself, unless a more specific one exists. */
export type RefusalReason = SpecificReason | OAuthErrorCode | PageSituation;

export interface OAuthErrorOptions {
  /** Only for our log. */
  cause?: unknown;
  headers?: Record<string, string>;
  /** Only if the code does not imply it: 413 and 415 (`invalid_request`), 429 (`temporarily_unavailable`). */
  status?: number;
  /** Shown on pages in development; a production page names no URI. */
  developmentDetails?: Record<string, string>;
  /** Chooses the text of the error page. */
  situation?: PageSituation;
  /** For the log, the audit trail and development, if the code is not specific enough. */
  reason?: RefusalReason;
}

/** An error for a client: `description` is for its developer, `cause` only for our log. */
export class OAuthError extends Error {
  override readonly name: string = "OAuthError";
  /** `DPoP-Nonce`, `WWW-Authenticate`, `Retry-After`. */
  readonly headers: Record<string, string>;
  readonly status: number | null;
  readonly developmentDetails: Record<string, string>;
  readonly situation: PageSituation | null;
  readonly reason: RefusalReason;

  constructor(
    readonly code: OAuthErrorCode,
    readonly description: string,
    options: OAuthErrorOptions = {},
  ) {
    super(`${code}: ${description}`, { cause: options.cause });
    this.headers = options.headers ?? {};
    this.status = options.status ?? null;
    this.developmentDetails = options.developmentDetails ?? {};
    this.situation = options.situation ?? null;
    this.reason = options.reason ?? options.situation ?? code;
  }
}

/** Refuses what a client presents for tokens. @param reason for our log alone */
export function invalidGrant(description: string, reason: RefusalReason): OAuthError {
  return new OAuthError("invalid_grant", description, { reason });
}

/** Where the error is answered: the status of a code differs between the token endpoint and a resource. */
export type EndpointKind = "client" | "resource" | "page";

/**
 * The HTTP status of an error.
 *
 * @see RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 9449 sections 8 and 9
 */
export function statusOf(error: OAuthError, kind: EndpointKind): number {
  if (error.status !== null) return error.status;
  switch (error.code) {
    case "temporarily_unavailable":
      return 503;
    case "server_error":
      return 500;
    case "invalid_client":
      return kind === "page" ? 400 : 401;
    case "insufficient_scope":
      return 403;
    case "invalid_token":
    case "insufficient_user_authentication":
      return 401;
    case "invalid_dpop_proof":
    case "use_dpop_nonce":
      return kind === "resource" ? 401 : 400;
    default:
      return 400;
  }
}
