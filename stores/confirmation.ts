import { z } from "zod";

/**
 * The key that a code or a token is bound to: each use must prove possession of it. It is the `cnf` claim
 * of a JWT.
 * @see RFC 7800 section 3.1, RFC 9449 section 6.1
 */
export const confirmationSchema = z.object({
  /** The SHA-256 thumbprint of a DPoP key. */
  jkt: z.string(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

const bound = z.looseObject({ confirmation: confirmationSchema.nullable() });
const boundByThumbprint = z.looseObject({ dpopKeyThumbprint: z.string().nullable().default(null) });

/** Upgrades a record of an earlier release, which held only the thumbprint of a DPoP key. */
export function withConfirmation(record: unknown): Record<string, unknown> {
  const { dpopKeyThumbprint: jkt, ...rest } = boundByThumbprint.parse(record);
  return { ...rest, confirmation: jkt === null ? null : { jkt } };
}

/** The record in the shape that the previous release reads. */
export function withoutConfirmation(record: unknown): Record<string, unknown> {
  const { confirmation, ...rest } = bound.parse(record);
  return { ...rest, dpopKeyThumbprint: confirmation?.jkt ?? null };
}
