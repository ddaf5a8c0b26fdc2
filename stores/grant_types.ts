import type { AuditEventType } from "./audit_event_types.ts";

/** @see RFC 8693 section 2.1 */
export const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
/** @see RFC 7523 section 2.1 */
export const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** @see RFC 8628 section 3.4 */
export const deviceCode = "urn:ietf:params:oauth:grant-type:device_code";
/** @see CIBA Core section 10.1 */
export const ciba = "urn:openid:params:grant-type:ciba";

/** What a client may be registered for. */
export const grantTypes = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "implicit",
  tokenExchange,
  jwtBearer,
  deviceCode,
  ciba,
] as const;
export type GrantType = (typeof grantTypes)[number];

/** The audit event of the tokens that a grant type leads to. They are counted by it. */
export const tokenEvents = {
  authorization_code: "code_exchanged",
  refresh_token: "refresh_token_used",
  client_credentials: "token_issued",
  implicit: "front_channel_issued",
  [tokenExchange]: "token_exchanged",
  [jwtBearer]: "assertion_exchanged",
  [deviceCode]: "device_code_exchanged",
  [ciba]: "auth_req_id_exchanged",
} as const satisfies Readonly<Record<GrantType, AuditEventType>>;
