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
