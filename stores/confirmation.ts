import { z } from "zod";

/**
 * What a code or a token is bound to: whoever uses it proves that they have it. It is the `cnf` of a JWT.
 *
 * @see RFC 7800 section 3.1, RFC 9449 section 6.1
 */
export const confirmationSchema = z.object({
  /** The SHA-256 thumbprint of a DPoP key. */
  jkt: z.string(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

const bound = z.looseObject({ confirmation: confirmationSchema.nullable() });
const boundByThumbprint = z.looseObject({ dpopKeyThumbprint: z.string().nullable().default(null) });

/** A record of before there were confirmations, which named the thumbprint of a DPoP key alone. */
export function withConfirmation(record: unknown): Record<string, unknown> {
  const { dpopKeyThumbprint: jkt, ...rest } = boundByThumbprint.parse(record);
  return { ...rest, confirmation: jkt === null ? null : { jkt } };
}

/** A record as the release before wrote it, and can read it. */
export function withoutConfirmation(record: unknown): Record<string, unknown> {
  const { confirmation, ...rest } = bound.parse(record);
  return { ...rest, dpopKeyThumbprint: confirmation?.jkt ?? null };
}
