import { z } from "zod";
import { ConfigError } from "./config_error.ts";
import { optional, type Values } from "./variable_kinds.ts";
import {
  calledUrl,
  issuerJwksSchema,
  type IssuerSource,
  issuerSource,
  jsonArrayOfIssuers,
  keyMembersProblem,
} from "./trusted_issuers.ts";

/** An issuer as an operator writes it, in the environment and elsewhere. */
export function workloadIssuerEntrySchema() {
  return z.strictObject({
    issuer: z.url({ protocol: /^https?$/, error: "must be a URL" }).max(256),
    jwks_uri: calledUrl().optional(),
    jwks: issuerJwksSchema().optional(),
    reusable: z.boolean().default(false),
    longest_lifetime: z.int().min(60).max(86_400).default(7200),
  }).superRefine((entry, context) => {
    const problem = keyMembersProblem(entry);
    if (problem !== null) context.addIssue(problem);
  });
}
export type WorkloadIssuerEntry = z.infer<ReturnType<typeof workloadIssuerEntrySchema>>;

/** An issuer of tokens for workloads: a Kubernetes cluster, a CI service, any OpenID Provider. */
export interface WorkloadIssuer extends IssuerSource {
  /** Whether a token may be presented again until its end; else it is used once. */
  readonly reusable: boolean;
  /** Seconds from now after which a token may not expire. */
  readonly longestLifetime: number;
}

/** The variables about issuers of workloads, each checked alone. */
export const workloadIssuerVariables = {
  LATCHKEY_WORKLOAD_ISSUERS: optional(() =>
    jsonArrayOfIssuers(workloadIssuerEntrySchema()).transform(
      (entries, context) => {
        const names = entries.map(({ issuer }) => issuer);
        if (new Set(names).size < names.length) context.addIssue("must name each issuer once");
        return entries.map(workloadIssuer);
      },
    )
  ),
};

export function workloadIssuer(entry: WorkloadIssuerEntry): WorkloadIssuer {
  const { reusable, longest_lifetime: longestLifetime } = entry;
  return { ...issuerSource(entry), reusable, longestLifetime };
}

/**
 * The issuers of workloads.
 * @param own our own issuer
 * @throws {ConfigError}
 */
export function workloadIssuersOf(
  { LATCHKEY_WORKLOAD_ISSUERS: issuers = [] }: Values<typeof workloadIssuerVariables>,
  own: string,
): readonly WorkloadIssuer[] {
  // An ID token of this server, which every client sees, would authenticate a client.
  if (issuers.every(({ issuer }) => issuer !== own)) return issuers;
  throw new ConfigError("LATCHKEY_WORKLOAD_ISSUERS", "must not name this server's own issuer");
}
