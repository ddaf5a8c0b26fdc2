import type { BootstrapKind } from "../../stores/bootstrap_entries.ts";
import { folded } from "../identifiers/folding.ts";
import { isJsonObject, parseJson } from "../protocol/json_entry.ts";

/**
 * The lists of the bootstrap file, each with the member that identifies an entry. They are applied in this
 * order: a user is given claims and put into groups that exist by then.
 */
export const lists = {
  clients: { kind: "client", identity: "client_id" },
  custom_claims: { kind: "custom_claim", identity: "claim" },
  authorization_detail_types: { kind: "authorization_detail_type", identity: "type" },
  trusted_issuers: { kind: "trusted_issuer", identity: "issuer" },
  workload_issuers: { kind: "workload_issuer", identity: "issuer" },
  groups: { kind: "group", identity: "group" },
  users: { kind: "user", identity: "username" },
  resources: { kind: "resource", identity: "resource" },
} as const;

export type ListName = keyof typeof lists;
export const listNames = Object.keys(lists) as ListName[];

/** The id of an entry. @param name the member that identifies it */
export function idOf(kind: BootstrapKind, name: string): string {
  return kind === "user" ? folded(name) : name;
}

/** The password or the secret in an entry as it is written; null: it has none. */
export function secretOf(kind: BootstrapKind, written: unknown): string | null {
  const member = kind === "client" ? "client_secret" : kind === "user" ? "password" : null;
  if (member === null || !isJsonObject(written)) return null;
  const { [member]: secret } = written;
  return typeof secret === "string" ? secret : null;
}

/**
 * Parses the bootstrap file.
 * @throws {SyntaxError} its message may quote the text, which can contain secrets
 */
export function parseFile(text: string): unknown {
  return parseJson(text.replace(/^\ufeff/, "")); // some editors mark UTF-8 so
}
