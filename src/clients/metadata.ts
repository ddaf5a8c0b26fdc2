import { z } from "zod";
import { type Client, clientSchema } from "../../stores/clients.ts";
import { jwtBearer, tokenExchange } from "../../stores/grant_types.ts";
import { hostedUrl } from "../identifiers/web_url.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { authenticationProblems } from "./authentication_metadata.ts";
import { cibaProblems } from "./ciba_members.ts";
import { encryptionProblems } from "./encryption_metadata.ts";
import type { KeptSecret } from "./kept_secret.ts";
import { isOnOriginOf } from "./logout_uri.ts";
import { type Member, words } from "./member.ts";
import { members, resourceEntryOf } from "./members.ts";
import { profileProblems, withProfileDefaults } from "./profile_metadata.ts";
import { redirectUriProblem } from "./redirect_uri.ts";
import { signatureProblems } from "./signature_metadata.ts";
import { webOriginProblem } from "./web_origin.ts";

type Shape = { [Name in keyof typeof members]: (typeof members)[Name]["schema"] };
const table: readonly (readonly [name: string, member: Member<z.ZodType>])[] = Object.entries(
  members,
);
// Object.entries forgets which name has which schema.
const shape = Object.fromEntries(table.map(([name, { schema }]) => [name, schema])) as Shape;

/** Client metadata as it comes from an operator: each member by itself, then all of them together. */
export const clientMetadataSchema = z.preprocess(
  withProfileDefaults,
  z.strictObject(shape),
).superRefine((metadata, context) => {
  const refuse = (path: keyof typeof metadata, message: string, ...place: number[]) =>
    context.addIssue({ code: "custom", path: [path, ...place], message });
  const isPublic = metadata.token_endpoint_auth_method === "none";

  for (const { path, problem } of authenticationProblems(metadata)) refuse(path, problem);
  for (const { path, problem } of profileProblems(metadata)) refuse(path, problem);
  if (isPublic && metadata.grant_types.includes("client_credentials")) {
    refuse("grant_types", "must not hold client_credentials for a client without a secret");
  }
  for (const { path, problem } of cibaProblems(metadata)) refuse(path, problem);
  const { native_sso: nativeSso } = metadata;
  // A public client can use only the token exchange that a device secret protects.
  const isOpen = (type: string) =>
    type === jwtBearer || (type === tokenExchange && nativeSso === undefined);
  if (isPublic && metadata.grant_types.some(isOpen)) {
    refuse(
      "grant_types",
      "must not hold token exchange (without native_sso) or JWT bearer for a client without a secret or a key",
    );
  }
  if (isPublic && !metadata.rotate_refresh_tokens) {
    refuse("rotate_refresh_tokens", "can be turned off for a client with a secret only");
  }
  if (
    (metadata.grant_types.includes("authorization_code") ||
      metadata.response_types.some((type) => type !== "code")) &&
    metadata.redirect_uris.length === 0
  ) {
    refuse("redirect_uris", "must hold at least one, for the grant type authorization_code");
  }
  for (const { path, problem } of encryptionProblems(metadata)) refuse(path, problem);
  for (const { path, problem } of signatureProblems(metadata)) refuse(path, problem);
  const { subject_type: subjects, sector_identifier_uri: sector } = metadata;
  if (subjects === "pairwise" && sector === undefined && !haveOneHost(metadata.redirect_uris)) {
    refuse(
      "sector_identifier_uri",
      "is missing: redirect_uris of several hosts, or of none, need it for pairwise",
    );
  }
  const names = words(metadata.scope);
  if (nativeSso === undefined && names.includes("device_sso")) {
    refuse("scope", "must not have device_sso without native_sso");
  }
  for (const [place, entry] of (metadata.resources ?? []).entries()) {
    const { resource, scope } = resourceEntryOf(entry);
    if (!URL.canParse(resource) || resource.includes("#")) {
      refuse("resources", "must be an absolute URI without a fragment", place);
    }
    if (scope?.some((name) => !names.includes(name))) {
      refuse("resources", "must not have a scope that is not in the client's scope", place);
    }
  }
  for (const [place, origin] of metadata.web_origins.entries()) {
    const problem = webOriginProblem(origin);
    if (problem) refuse("web_origins", problem, place);
  }
  const { frontchannel_logout_uri: frontchannel, redirect_uris: redirects } = metadata;
  if (frontchannel !== undefined && !isOnOriginOf(frontchannel, redirects)) {
    refuse("frontchannel_logout_uri", "must have the scheme, host and port of a redirect URI");
  }
  for (const path of ["redirect_uris", "post_logout_redirect_uris"] as const) {
    for (const [place, uri] of metadata[path].entries()) {
      const problem = redirectUriProblem(uri, metadata.application_type);
      if (problem) refuse(path, problem, place);
    }
  }
});
export type ClientMetadata = z.infer<typeof clientMetadataSchema>;

/** Whether all are web addresses at one host, which is then the sector (OpenID Connect Core section 8.1). */
function haveOneHost(uris: readonly string[]): boolean {
  const hosts = new Set(uris.map((uri) => hostedUrl(uri)?.hostname ?? null));
  return hosts.size === 1 && !hosts.has(null);
}

/** Makes a record of metadata that the schema let pass. @param now epoch seconds */
export function clientOf(
  metadata: ClientMetadata,
  kept: KeptSecret,
  now: number,
): Client {
  const values = new Map<string, unknown>(Object.entries(metadata));
  const recorded = table.flatMap(([name, { record, toRecord }]) =>
    record === null ? [] : [[record, toRecord(values.get(name), metadata)]]
  );
  return clientSchema.parse({
    ...Object.fromEntries(recorded),
    ...kept,
    epoch: 0,
    grantsEndBefore: 0,
    createdAt: now,
    updatedAt: now,
  });
}

/** The metadata of a record, in the names and the order of the table; never the secret. */
export function metadataOf(client: Client): Record<string, unknown> {
  const shown = table.map(([name, { record, toWire }]) => {
    return [name, toWire(record === null ? undefined : client[record])];
  });
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

/**
 * What a client that registered itself cannot change: what only an operator may set, and what an operator
 * has changed. By the names on the wire; undefined: it has none.
 */
export function operatorsMetadata(client: Client): Record<string, unknown> {
  return Object.fromEntries(
    table.flatMap(([name, { record, setBy, toWire }]) => {
      const isOperators = setBy === "operator" || client.operatorSet.includes(name);
      return record === null || name === "client_id" || !isOperators
        ? []
        : [[name, toWire(client[record])]];
    }),
  );
}

/** The names of the members in which two records of a client differ. */
export function changedMembers(before: Client, after: Client): string[] {
  return table.flatMap(([name, { record }]) =>
    record === null || canonicalJson(before[record]) === canonicalJson(after[record]) ? [] : [name]
  );
}
