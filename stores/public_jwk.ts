import { z } from "zod";

const text = z.string().max(1024);

/** The public members of a key for signatures or encryption. @see RFC 7517 section 4, RFC 7518 section 6 */
export const publicJwkSchema = z.object({
  kty: z.enum(["RSA", "EC", "OKP"]),
  kid: z.string().max(256).optional(),
  use: z.string().max(16).optional(),
  key_ops: z.array(z.string().max(16)).max(8).optional(),
  alg: z.string().max(32).optional(),
  crv: z.string().max(16).optional(),
  x: text.optional(),
  y: text.optional(),
  n: z.string().max(2048).optional(),
  e: z.string().max(16).optional(),
  /** Of a chain of certificates, the one of the key itself. */
  x5c: z.array(z.string().max(12_000)).min(1).transform((chain) => chain.slice(0, 1)).optional(),
});
export type PublicJwk = z.infer<typeof publicJwkSchema>;
