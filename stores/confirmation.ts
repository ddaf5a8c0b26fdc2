import { z } from "zod";

/**
 * The keys that a code or a token is bound to, at least one: each use must prove possession of them. It is
 * the `cnf` claim of a JWT.
 * @see RFC 7800 section 3.1
 */
export const confirmationSchema = z.object({
  /** The SHA-256 thumbprint of a DPoP key. @see RFC 9449 section 6.1 */
  jkt: z.string().optional(),
  /** The SHA-256 thumbprint of a certificate. @see RFC 8705 section 3.1 */
  "x5t#S256": z.string().optional(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

const bound = z.looseObject({ confirmation: confirmationSchema.nullable() });
const boundByThumbprint = z.looseObject({ dpopKeyThumbprint: z.string().nullable().default(null) });

/** Between the thumbprints, in the shape of the previous release: no thumbprint has a space. */
const beforeCertificate = " x5t#S256:";

/** Upgrades a record of an earlier release, which held only the thumbprint of a DPoP key. */
export function withConfirmation(record: unknown): Record<string, unknown> {
  const { dpopKeyThumbprint: thumbprints, ...rest } = boundByThumbprint.parse(record);
  if (thumbprints === null) return { ...rest, confirmation: null };
  const [jkt = "", certificate] = thumbprints.split(beforeCertificate);
  return {
    ...rest,
    confirmation: {
      ...(jkt === "" ? {} : { jkt }),
      ...(certificate === undefined ? {} : { "x5t#S256": certificate }),
    },
  };
}

/**
 * The record in the shape that the previous release reads. That release knows no certificates, and would
 * take what is bound to one alone for a bearer token. As no DPoP key has such a thumbprint, it refuses.
 */
export function withoutConfirmation(record: unknown): Record<string, unknown> {
  const { confirmation, ...rest } = bound.parse(record);
  const { jkt, "x5t#S256": certificate } = confirmation ?? {};
  return {
    ...rest,
    dpopKeyThumbprint: certificate === undefined
      ? jkt ?? null
      : (jkt ?? "") + beforeCertificate + certificate,
  };
}
