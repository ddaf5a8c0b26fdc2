import { z } from "zod";

export const customClaimTypes = ["string", "number", "boolean", "strings"] as const;

/** What the record about the server says of a claim that an operator has added. */
export const customClaimSchema = z.object({
  claim: z.string(),
  type: z.enum(customClaimTypes),
  /** The scope that tells it: one of the server's own, or one that begins with `claims:`. */
  scope: z.string(),
  /** What the pages call it. */
  label: z.string(),
  /** Who may change a person's value. Administrators always may. */
  changedBy: z.enum(["administrator", "user"]),
});
export type CustomClaim = z.infer<typeof customClaimSchema>;
/** A person's values by claim. A value of a claim that is gone, or of another type, is told to nobody. */
export type CustomClaimValues = Readonly<Record<string, unknown>>;
