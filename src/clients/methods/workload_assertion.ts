import { z } from "zod";
import type { IssuerKeys } from "../../../stores/issuer_keys.ts";
import type { Client } from "../../../stores/clients.ts";
import { usableTimeOf } from "../../../stores/used_once.ts";
import type { WorkloadIssuer } from "../../config/workload_issuers.ts";
import type { RefusalReason } from "../../protocol/errors.ts";
import { fitsType } from "../../protocol/jwt_type.ts";
import { makerOf, type PresentedWorkload, type VerifiedAssertion } from "./client_assertion.ts";
import { issuerClockTolerance, verifiedByIssuer } from "./issuer_signature.ts";

/** What the token of a workload is verified with. */
export interface WorkloadContext {
  /** Our own: the only audience that counts. */
  readonly issuer: string;
  readonly workloadIssuers: readonly WorkloadIssuer[];
  /** Epoch seconds. */
  readonly now: number;
  /** Those of the token's issuer, as far as they are known. */
  readonly issuerKeys: IssuerKeys | null;
}

const claimsSchema = z.object({
  sub: z.string(),
  // Kubernetes writes a list always. A token for several servers could be used by one of them at another.
  aud: z.union([z.string(), z.tuple([z.string()]).transform(([only]) => only)]),
  exp: z.number(),
  iat: z.number().optional(),
});

/**
 * Verifies the token of a workload that is a client: of the issuer and for the subject that an operator
 * registered for it, and made for this server.
 *
 * @returns how it is spent, null if it may be presented again, or why it is refused
 * @throws {IssuerKeysNeeded} if the issuer's keys have to be fetched first
 * @see RFC 7523 section 3
 */
export async function verifyWorkload(
  { tokenEndpointAuthMethod: method, workloadIssuer, workloadSubject }: Client,
  presented: PresentedWorkload,
  { workloadIssuers, now, issuerKeys, ...context }: WorkloadContext,
): Promise<VerifiedAssertion | null | RefusalReason> {
  const { assertion, issuer, jti } = presented;
  if (method !== "workload_jwt") return "client_assertion_unexpected";
  const trusted = workloadIssuers.find((one) => one.issuer === workloadIssuer);
  if (trusted === undefined || issuer !== workloadIssuer) return "client_assertion_wrong";
  const verified = await verifiedByIssuer(trusted, assertion, { now, fetchedKeys: issuerKeys });
  if (verified === null) return "client_assertion_wrong";
  const { payload, protectedHeader: { typ } } = verified;
  if (!fitsType(typ)) return "client_assertion_wrong";
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) return "client_assertion_wrong";
  const { sub, aud, ...times } = parsed.data;
  const usable = usableTimeOf(times, {
    longest: trusted.longestLifetime,
    tolerance: issuerClockTolerance,
  });
  const isRight = sub === workloadSubject && aud === context.issuer && usable.from <= now;
  if (!isRight) return "client_assertion_wrong";
  if (trusted.reusable) return null;
  return { maker: makerOf(presented), jti, usable };
}
