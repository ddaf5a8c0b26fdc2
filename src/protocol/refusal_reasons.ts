/** The kinds of refusals that audit events record. */
export type AuditedRefusal =
  | "authorization_refused"
  | "client_authentication_failed"
  | "token_refused";

interface Meaning {
  readonly means: string;
  /** The audit event of a refusal that concerns the security of a client or user, if no step wrote one. */
  readonly audited?: AuditedRefusal;
  /** A failed sign-in whose step has already written the event. */
  readonly isSignIn?: true;
}

/**
 * The reason for a refusal, if its error code is not specific enough. The log, the audit trail and, in
 * development, the answer name this reason, or the error code itself.
 */
export const refusalReasons = {
  // The client's authentication
  client_assertion_malformed: { means: "client_assertion is not a JWT that says who sends it" },
  client_assertion_missing: { means: "the client must sign an assertion, and sent none" },
  client_assertion_unexpected: { means: "the client is not registered for assertions" },
  client_assertion_used: {
    means: "the client's assertion was used before",
    audited: "client_authentication_failed",
  },
  client_assertion_wrong: {
    means: "the client's assertion has a wrong signature, algorithm, type, audience or time",
    audited: "client_authentication_failed",
  },
  client_key_unknown: {
    means: "the client has no key that fits its assertion",
    audited: "client_authentication_failed",
  },
  client_certificate_expired: {
    means: "the client's certificate has expired or is not valid yet",
    audited: "client_authentication_failed",
  },
  client_certificate_malformed: { means: "the proxy sent no usable client certificate" },
  client_certificate_missing: { means: "the request needs a client certificate, and has none" },
  client_certificate_untrusted: {
    means: "the proxy did not verify the chain of the client's certificate",
    audited: "client_authentication_failed",
  },
  client_certificate_wrong: {
    means: "the certificate is not the client's",
    audited: "client_authentication_failed",
  },
  client_credentials_malformed: { means: "the Authorization header is not Basic credentials" },
  client_id_missing: { means: "the request does not say which client it is from" },
  client_method_not_allowed: {
    means: "the client's profile does not allow the method by which it authenticates",
    audited: "client_authentication_failed",
  },
  client_not_allowed: { means: "a public client, where only a client with a secret may call" },
  client_page_unregistered: {
    means: "the page that asks is not at one of the client's web_origins",
    audited: "client_authentication_failed",
  },
  client_secret_missing: { means: "the client has a secret, and the request carries none" },
  client_secret_unexpected: { means: "a public client sent a secret" },
  client_secret_wrong: {
    means: "the client's secret is wrong",
    audited: "client_authentication_failed",
  },
  client_unknown: {
    means: "there is no client with this client_id",
    audited: "client_authentication_failed",
  },
  opened_ahead: { means: "a browser fetched the page ahead of a click" },
  rate_limited: { means: "there were too many requests, or too many failures" },

  client_encryption_key_missing: {
    means: "the client wants encrypted answers, and has no key that fits its algorithm",
  },
  client_document_unusable: { means: "the document at the client_id is wrong, or not there" },
  client_document_unreadable: {
    means: "the document at the client_id has not been readable for a day",
  },
  registration_token_wrong: {
    means: "the token to register a client, or to manage its registration, is wrong",
  },

  // Authorization
  client_id_unknown: { means: "client_id names no client" },
  // Both leave an event, so that the time of the answer does not tell which it is.
  hinted_user_suspended: {
    means: "the user whom a client asks for from elsewhere is suspended",
    audited: "authorization_refused",
  },
  hinted_user_unknown: {
    means: "a client asks from elsewhere for somebody who is unknown or may not use it",
    audited: "authorization_refused",
  },
  request_object_used: {
    means: "the request object was used before",
    audited: "authorization_refused",
  },
  request_object_wrong: {
    means: "the request object has a wrong signature, algorithm, type or time",
    audited: "authorization_refused",
  },

  // Tokens and codes
  asked_user_suspended: { means: "the asked user was suspended since", audited: "token_refused" },
  client_changed: { means: "the client has changed its secret, or has none any more" },
  redirect_uri_removed: { means: "the redirect URI is not registered any more" },
  access_token_missing: { means: "the request carries no access token" },
  introspection_not_allowed: {
    means: "the token is another client's, and its resource does not list the caller",
  },
  access_token_unknown: { means: "the access token is unknown, has expired or was revoked" },
  code_other_client: { means: "the code was issued to another client", audited: "token_refused" },
  code_unknown: { means: "the code is unknown or has expired" },
  code_used: { means: "the code was used before: the grant has ended" },
  code_verifier_wrong: {
    means: "code_verifier is missing, unexpected or wrong",
    audited: "token_refused",
  },
  grant_ended: {
    means: "the person, the session or the client that the grant depends on has ended",
  },
  key_wrong: {
    means: "the DPoP key or the certificate is not the one that the token is bound to",
    audited: "token_refused",
  },
  polled_unknown: {
    means: "the device code or auth_req_id is unknown, or has expired long ago",
  },
  redirect_uri_wrong: {
    means: "redirect_uri is not that of the authorization request",
    audited: "token_refused",
  },
  assertion_issuer_unknown: {
    means: "the assertion is not of a trusted issuer, or of a kind that is not accepted of it",
  },
  assertion_malformed: {
    means: "assertion is not a JWT with iss, sub, aud, jti, iat and exp, or of another type",
  },
  assertion_other_client: {
    means: "the assertion is for another client, or the issuer is not trusted for this one",
    audited: "token_refused",
  },
  assertion_used: { means: "the assertion was used before", audited: "token_refused" },
  assertion_user_unknown: {
    means: "the issuer's rules find nobody here, or nobody who may use the client",
  },
  assertion_wrong: {
    means: "the assertion has a wrong signature, key, audience, time or resource",
    audited: "token_refused",
  },
  actor_token_wrong: {
    means: "the actor token is unknown, has ended, or may not act for the subject",
    audited: "token_refused",
  },
  device_secret_wrong: {
    means: "the device secret is unknown, or of another session or vendor than the ID token",
    audited: "token_refused",
  },
  subject_token_not_allowed: {
    means: "the subject token is valid, but this client may not exchange it",
    audited: "token_refused",
  },
  subject_token_unknown: { means: "the subject token is unknown, has expired or was revoked" },
  refresh_token_unknown: { means: "the refresh token is unknown, has expired or was revoked" },
  refresh_token_used: { means: "the refresh token was used before: the grant has ended" },

  // Sign-in
  email_code_wrong: {
    means: "the code from the mail is wrong, too old or was used",
    isSignIn: true,
  },
  passkey_expired: { means: "the challenge of the passkey is too old" },
  passkey_refused: {
    means: "the passkey is unknown, or its answer does not verify",
    isSignIn: true,
  },
  passkey_unverified: { means: "the passkey did not verify the person", isSignIn: true },
  password_wrong: { means: "the password is wrong, or the person has none", isSignIn: true },
  recovery_code_wrong: { means: "the recovery code is wrong or was used", isSignIn: true },
  totp_code_wrong: {
    means: "the code of the authenticator app is wrong or was used",
    isSignIn: true,
  },
  user_suspended: { means: "the person is suspended", isSignIn: true },
  user_unknown: { means: "nobody has this username or address", isSignIn: true },

  // Sign-out
  id_token_hint_other_client: { means: "client_id is not that of the id_token_hint" },
  id_token_hint_unverified: { means: "id_token_hint is not a valid ID token of this server" },
  id_token_hint_withdrawn_key: { means: "id_token_hint is signed by a key that was withdrawn" },
  post_logout_redirect_uri_unregistered: {
    means: "post_logout_redirect_uri is not one that the client registered",
  },
} as const satisfies Readonly<Record<string, Meaning>>;

/** A fixed list: other texts are not valid reasons. */
export type SpecificReason = keyof typeof refusalReasons;

/** The meaning of a reason, for the log; null: its name is clear enough. */
export function meaningOf(reason: string): string | null {
  return find(reason)?.means ?? null;
}

/** The audit event of a refusal; null: it does not concern security, or its step wrote one. */
export function auditedAs(reason: string): AuditedRefusal | null {
  // The answer is shown on an error page instead of a redirect: the reason is the name of that page.
  if (reason === "redirect_uri_mismatch") return "authorization_refused";
  return find(reason)?.audited ?? null;
}

/** Whether the refusal is a failed sign-in of a user. */
export function isFailedSignIn(reason: string): boolean {
  return find(reason)?.isSignIn ?? false;
}

function find(reason: string): Meaning | undefined {
  return Object.entries<Meaning>(refusalReasons).find(([name]) => name === reason)?.[1];
}
