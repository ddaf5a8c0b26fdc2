import { z } from "zod";

/** The types of tokens in a token exchange. @see RFC 8693 section 3 */
export const tokenTypes = {
  accessToken: "urn:ietf:params:oauth:token-type:access_token",
  jwt: "urn:ietf:params:oauth:token-type:jwt",
  idToken: "urn:ietf:params:oauth:token-type:id_token",
  /** Only for an actor. @see OpenID Connect Native SSO section 4.1 */
  deviceSecret: "urn:openid:params:token-type:device-secret",
  /** Only issued. @see draft-ietf-oauth-identity-assertion-authz-grant section 9.2 */
  idJag: "urn:ietf:params:oauth:token-type:id-jag",
} as const;

/** What a client may get for the tokens of others. @see RFC 8693 section 2.1 */
export const exchangePolicySchema = z.object({
  /** The resources whose tokens of other clients it may exchange; this server's issuer for userinfo's. */
  subjectAudiences: z.array(z.string()),
  /** The resources that it may exchange tokens for. */
  resources: z.array(z.string()),
  /** Whether the token may fail to name who acts. */
  impersonation: z.boolean(),
});

/** @see draft-ietf-oauth-identity-assertion-authz-grant section 4 */
export const idJagAudienceSchema = z.object({
  /** The other server's issuer. */
  audience: z.string(),
  /** What the client is called there. */
  clientId: z.string(),
  resources: z.array(z.string()),
  scope: z.array(z.string()),
});
