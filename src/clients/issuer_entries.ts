import type { StoredTrustedIssuer, StoredWorkloadIssuer } from "../../stores/provider.ts";
import {
  type IssuerSource,
  type TrustedIssuer,
  trustedIssuer,
  type TrustedIssuerEntry,
} from "../config/trusted_issuers.ts";
import {
  type WorkloadIssuer,
  workloadIssuer,
  type WorkloadIssuerEntry,
} from "../config/workload_issuers.ts";
import type { JsonObject } from "../protocol/json_entry.ts";

/** The record of an entry, which is written as in the configuration. */
export function storedTrustedIssuer(
  entry: TrustedIssuerEntry,
): StoredTrustedIssuer {
  return recordOfTrustedIssuer(trustedIssuer(entry));
}

/** An issuer as its record would have it. */
export function recordOfTrustedIssuer(
  { users, clients, assertions, emailDomains, ...issuer }: TrustedIssuer,
): StoredTrustedIssuer {
  return {
    ...issuer,
    ...storedSource(issuer),
    clients: [...clients],
    assertions: [...assertions],
    users: [...users],
    emailDomains: emailDomains && [...emailDomains],
  };
}

/** The record of an entry, which is written as in the configuration. */
export function storedWorkloadIssuer(
  entry: WorkloadIssuerEntry,
): StoredWorkloadIssuer {
  return recordOfWorkloadIssuer(workloadIssuer(entry));
}

/** An issuer as its record would have it. */
export function recordOfWorkloadIssuer(issuer: WorkloadIssuer): StoredWorkloadIssuer {
  return { ...issuer, ...storedSource(issuer) };
}

function storedSource({ jwks }: IssuerSource) {
  return { jwks: jwks && { keys: [...jwks.keys] } };
}

/** What is wrong with an issuer's name here, or null: tokens of this server itself are for its clients. */
export function ownIssuerProblem(own: string, issuer: string): string | null {
  return issuer === own ? "must not be this server's own issuer" : null;
}

/** A record as its entry. */
export function trustedIssuerEntryOf(stored: StoredTrustedIssuer): JsonObject {
  const { clients, assertions, users, usernameClaim, emailDomains } = stored;
  return {
    ...sourceMembers(stored),
    clients,
    assertions,
    users: Object.fromEntries(users),
    ...(usernameClaim === null ? {} : { username_claim: usernameClaim }),
    ...(emailDomains === null ? {} : { email_domains: emailDomains }),
  };
}

/** A record as its entry. */
export function workloadIssuerEntryOf(stored: StoredWorkloadIssuer): JsonObject {
  const { reusable, longestLifetime } = stored;
  return { ...sourceMembers(stored), reusable, longest_lifetime: longestLifetime };
}

function sourceMembers({ issuer, jwks, jwksUri }: IssuerSource): JsonObject {
  return {
    issuer,
    ...(jwks === null ? {} : { jwks }),
    ...(jwksUri === null ? {} : { jwks_uri: jwksUri }),
  };
}
