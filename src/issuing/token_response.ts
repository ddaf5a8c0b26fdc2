import type { AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import { type Audience, detailsOf } from "../grantable/audience.ts";
import type { IssuedAccessToken } from "../tokens/access_token.ts";

/** @see RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3 */
export interface TokenResponse {
  readonly access_token: string;
  /** `N_A`: what was issued is no access token (RFC 8693 section 2.2.1). */
  readonly token_type: "Bearer" | "DPoP" | "N_A";
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  /** @see OpenID Connect Native SSO section 3.4 */
  readonly device_secret?: string;
  /** @see RFC 8693 section 2.2.1 */
  readonly issued_token_type?: string;
  /** Those of the access token. @see RFC 9396 section 7 */
  readonly authorization_details?: readonly AuthorizationDetail[];
}

/** The response with an access token and nothing else. Its members come before all others. */
export function accessTokenResponse(
  { accessToken, tokenType, expiresIn }: IssuedAccessToken,
  audience: Audience,
): TokenResponse {
  return {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresIn,
    scope: audience.scope.join(" "),
    ...detailsOf(audience),
  };
}
