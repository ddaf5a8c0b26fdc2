import { z } from "zod";
import { assertionKinds } from "../../stores/provider.ts";
import { type PublicJwk, publicJwkSchema } from "../../stores/public_jwk.ts";
import { calledUrlProblem } from "../identifiers/web_url.ts";
import { InvalidEntry, jsonOrNull, validEntry } from "../protocol/json_entry.ts";
import { ConfigError } from "./config_error.ts";
import { optional, type Values } from "./variable_kinds.ts";

/** Another issuer of JWTs, and where its keys are. */
export interface IssuerSource {
  readonly issuer: string;
  /** Its keys, or where they are. Both null: its metadata say where. */
  readonly jwks: { readonly keys: readonly PublicJwk[] } | null;
  readonly jwksUri: string | null;
}

/** A URL that the server is to call. One that it never could is refused, or nobody would know why it fails. */
export function calledUrl() {
  return z.string().superRefine((text, context) => {
    const problem = calledUrlProblem(text);
    if (problem !== null) context.addIssue(problem);
  });
}

/** The keys of an issuer that an operator writes down. */
export function issuerJwksSchema() {
  return z.object({ keys: z.array(publicJwkSchema).min(1).max(20) });
}

/** An issuer as an operator writes it, in the environment and elsewhere. */
export function trustedIssuerEntrySchema() {
  const url = z.url({ protocol: /^https?$/, error: "must be an https URL" }).max(256);
  const domain = z.string()
    .regex(/^([a-z0-9-]+\.)+[a-z0-9-]+$/, "must be a domain in lower case");
  return z.strictObject({
    issuer: url,
    jwks_uri: calledUrl().optional(),
    jwks: issuerJwksSchema().optional(),
    clients: z.array(z.string().min(1).max(256)).min(1),
    assertions: z.array(z.enum(assertionKinds)).min(1).default(["id-jag"]),
    users: z.record(z.string().min(1).max(256), z.string().min(1).max(64)).default({}),
    username_claim: z.string().min(1).max(64).optional(),
    email_domains: z.array(domain).min(1).optional(),
  }).superRefine(({ users, username_claim, email_domains, ...keys }, context) => {
    const problem = keyMembersProblem(keys);
    if (problem !== null) context.addIssue(problem);
    if (username_claim !== undefined && email_domains !== undefined) {
      context.addIssue("has username_claim and email_domains: remove one of them");
    }
    const finds = username_claim !== undefined || email_domains !== undefined;
    if (!finds && Object.keys(users).length === 0) {
      context.addIssue("names nobody: set users, username_claim or email_domains");
    }
  });
}
export type TrustedIssuerEntry = z.infer<ReturnType<typeof trustedIssuerEntrySchema>>;

/** Another authorization server, whose assertions about users some clients may exchange for tokens. */
export interface TrustedIssuer extends IssuerSource {
  /** Of one that is stored. */
  readonly id?: string | undefined;
  /** The ids of the clients that may present its assertions. */
  readonly clients: readonly string[];
  readonly assertions: readonly (typeof assertionKinds)[number][];
  /** The ids of our users, by the subjects that the issuer gives them. It comes before the other rules. */
  readonly users: ReadonlyMap<string, string>;
  /** The claim with the username that the user has here; null: none has. */
  readonly usernameClaim: string | null;
  /** The domains whose verified addresses find their user; null: none do. */
  readonly emailDomains: readonly string[] | null;
}

/** The variables about other servers that are trusted, each checked alone. */
export const trustedIssuerVariables = {
  LATCHKEY_TRUSTED_ISSUERS: optional(() =>
    jsonArrayOfIssuers(trustedIssuerEntrySchema())
      .transform((issuers) => issuers.map(trustedIssuer))
  ),
};

/** A text that is a JSON array of such entries; what is wrong is said by the place in it. */
export function jsonArrayOfIssuers<Schema extends z.ZodType>(schema: Schema) {
  return z.string().transform((text, context): z.infer<Schema>[] => {
    const written = jsonOrNull(text);
    try {
      if (Array.isArray(written)) return validEntry(z.array(schema), written);
      context.addIssue("must be a JSON array of issuers");
    } catch (error) {
      if (!(error instanceof InvalidEntry)) throw error;
      context.addIssue(`must be a JSON array of issuers: ${error.message}`);
    }
    return z.NEVER;
  });
}

/**
 * The issuers, checked together.
 * @param own our own issuer
 * @throws {ConfigError}
 */
export function trustedIssuersOf(
  { LATCHKEY_TRUSTED_ISSUERS: issuers = [] }: Values<typeof trustedIssuerVariables>,
  own: string,
): readonly TrustedIssuer[] {
  const names = issuers.map(({ issuer }) => issuer);
  // It would turn its own assertion for another server, or an ID token, into access here.
  if (names.includes(own)) {
    throw new ConfigError("LATCHKEY_TRUSTED_ISSUERS", "must not name this server's own issuer");
  }
  if (new Set(names).size === names.length) return issuers;
  throw new ConfigError("LATCHKEY_TRUSTED_ISSUERS", "must name each issuer once");
}

export function trustedIssuer(entry: TrustedIssuerEntry): TrustedIssuer {
  return {
    ...issuerSource(entry),
    clients: entry.clients,
    assertions: entry.assertions,
    users: new Map(Object.entries(entry.users)),
    usernameClaim: entry.username_claim ?? null,
    emailDomains: entry.email_domains ?? null,
  };
}

/** The members of a JSON entry that say where keys are from. */
interface KeyMembers {
  readonly jwks?: z.infer<ReturnType<typeof issuerJwksSchema>> | undefined;
  readonly jwks_uri?: string | undefined;
}

/** What is wrong with the members that say where the keys are, or null. */
export function keyMembersProblem(
  { issuer, jwks, jwks_uri }: KeyMembers & { readonly issuer: string },
): string | null {
  if (jwks !== undefined && jwks_uri !== undefined) {
    return "has jwks and jwks_uri: remove one of them";
  }
  const problem = jwks === undefined && jwks_uri === undefined ? calledUrlProblem(issuer) : null;
  return problem &&
    `has an issuer that ${problem}, as its metadata say where its keys are: or set jwks \
or jwks_uri`;
}

/** Where an issuer's keys are, from its JSON entry. */
export function issuerSource(
  { issuer, jwks, jwks_uri }: KeyMembers & { readonly issuer: string },
): IssuerSource {
  return { issuer, jwks: jwks ?? null, jwksUri: jwks_uri ?? null };
}
