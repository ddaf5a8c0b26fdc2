import { z } from "zod";
import { wordsApart } from "../identifiers/apart.ts";

/** Also for the names of audiences, which may repeat, too. @see RFC 8707 section 2.2, RFC 8693 section 2.1 */
export const resourceParameter = z.union([
  z.string().transform((one) => [one]),
  z.array(z.string()),
])
  .transform((values) => [...new Set(values)])
  .refine((values) => values.length <= 4, "must not name more than 4")
  .default([]);

/**
 * A secret that this server makes. A longer text is cut, so that it fits a key: it is as unknown as any
 * other. Its client must hear `invalid_grant`, on which it begins again; it may still hold the token of
 * another server (RFC 6749 section 5.2).
 */
export const secretParameter = z.string("is missing").transform((text) => text.slice(0, 256));

/** Where a token can be for one audience alone. @see RFC 8693 section 2.1 */
export const oneAudience = z.string({
  error: ({ input }) => Array.isArray(input) ? "must occur only once here" : "is missing",
});

/** A token or an assertion that the request cannot do without. */
export const tokenParameter = z.string("is missing").max(8192);

/** 43 to 128 unreserved characters. @see RFC 7636 section 4.1 */
export const codeVerifierParameter = z.string()
  .regex(/^[A-Za-z0-9._~-]{43,128}$/, "is not a code verifier")
  .optional();

/** JSON, which is read where the types are known. @see RFC 9396 section 6 */
export const detailsParameter = z.string("must occur only once").optional();

/** One that is not good is ignored. @see OpenID Connect Native SSO section 3.3 */
export const deviceSecretParameter = z.string()
  .transform((secret) => secret.length > 128 ? undefined : secret)
  .optional();

/** @see RFC 6749 section 3.3 */
export const scopeParameter = z.string().max(2048)
  .transform((text) => [...new Set(wordsApart(text))])
  .optional();
