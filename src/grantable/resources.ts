import { webUrl } from "../identifiers/web_url.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";

/** The resources that a request names, for a read that brings them along. */
export function resourceRefs(parameters: RawParameters) {
  const named = parameters.resource ?? [];
  const list = typeof named === "string" ? [named] : named;
  // The parser refuses more than four resources, and one that is too long for a key.
  return list.filter(isPossible).slice(0, 4).map(resources.ref);
}

/** Whether a name is short enough to be a resource's, and a key. */
function isPossible(name: string): boolean {
  return name.length <= resources.longestResource;
}

/**
 * The records of resources, in the order of their names; null for a resource that is not registered,
 * however long its name.
 *
 * A name in another spelling is looked up once more, with a second read.
 */
export async function readResources(
  tx: Transaction,
  names: readonly string[],
): Promise<(Resource | null)[]> {
  if (names.length === 0) return [];
  if (!names.every(isPossible)) {
    const found = await readResources(tx, names.filter(isPossible));
    return names.map((name) => isPossible(name) ? found.shift() ?? null : null);
  }
  const exact = await peekAll(tx, names);
  return await Promise.all(names.map(async (name, n) => {
    const found = exact[n];
    if (found) return found;
    const others = await peekAll(tx, spellingsOf(name).filter((other) => other !== name));
    return others.find((other) => other !== null) ?? null;
  }));
}

async function peekAll(tx: Transaction, names: readonly string[]): Promise<(Resource | null)[]> {
  if (names.length === 0) return [];
  const refs = names.map((name, n) => [n, resources.ref(name)] as const);
  return Object.values(await tx.peek(Object.fromEntries(refs), "registration")).map((entry) =>
    entry.value
  );
}

/**
 * Whether two names from outside mean the same resource. The scheme and the host of an http(s) URL are compared
 * without case, and without a path it equals the same URL with a slash, as URL parsers write it. Everything else
 * is compared character by character.
 *
 * @see RFC 3986 sections 6.2.2.1 and 6.2.3, RFC 8707 section 2, MCP authorization, "Canonical Server URI"
 */
export function isSameResource(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

/** The one of the others that is the same resource as a name, before all the very same name; null: none is. */
export function sameAmong(name: string, others: readonly string[]): string | null {
  if (others.includes(name)) return name;
  return others.find((other) => isSameResource(other, name)) ?? null;
}

/** @see RFC 9068 section 5: with a token for several resources, one of them could use it at another */
export function oneResource(): OAuthError {
  return new OAuthError(
    "invalid_target",
    "an access token is for one resource: name one in resource, and send another request for the next",
  );
}

/**
 * Names that a client sent for one resource, each once. It may send one twice, or in several spellings.
 *
 * @throws {OAuthError} `invalid_target` for several resources, or if they are too many to be read
 * @see RFC 8707 section 2
 */
export function namesOfOne(names: readonly string[]): readonly string[] {
  const [first, ...more] = new Set(names);
  if (first === undefined) return [];
  const areSame = more.every((other) => isSameResource(first, other));
  if (more.length >= mostSpellings || !areSame) throw oneResource();
  return [first, ...more];
}

/** Each is read. */
export const mostSpellings = 5;

/**
 * Whether an entry that somebody registered is for a resource, by its registered name. Only the slash of an
 * empty path may differ: releases up to 0.2 registered a name in two cases as two resources, and an entry
 * for one of them must not open the other.
 */
export function isMeantBy(entry: string, resource: string): boolean {
  return entry === resource ||
    ((entry === `${resource}/` || `${entry}/` === resource) && isSameResource(entry, resource));
}

/**
 * Whether an entry for a resource means that very one. In another spelling it could be the name of another
 * resource: releases up to 0.2 registered both. This server itself has no record, and no other is meant then.
 */
export async function leadsTo(tx: Transaction, entry: string, resource: string): Promise<boolean> {
  if (entry === resource) return true;
  const [meant = null] = await readResources(tx, [entry]);
  return meant === null || meant.resource === resource;
}

/** Whether one of the entries that somebody registered is for a resource: one read more for another spelling. */
export async function isListedItself(
  tx: Transaction,
  resource: string,
  entries: readonly string[],
): Promise<boolean> {
  if (entries.includes(resource)) return true;
  const other = entries.find((entry) => isMeantBy(entry, resource));
  return other !== undefined && await leadsTo(tx, other, resource);
}

/** Those of some resources that are listed themselves. */
export async function listedThemselves(
  tx: Transaction,
  names: readonly string[],
  entries: readonly string[],
): Promise<string[]> {
  const listed = await Promise.all(names.map((name) => isListedItself(tx, name, entries)));
  return names.filter((_, n) => listed[n]);
}

/** What is wrong with the name of a new resource, or null: in another spelling no request would find it. */
export function newNameProblem(name: string): string | null {
  const url = webUrl(name);
  if (url === null) return null;
  const isWritten = name.startsWith(url.origin) &&
    /^(?:[/?]|$)/.test(name.slice(url.origin.length));
  return isWritten ? null : `must begin as URL parsers write it: ${url.origin}`;
}

/**
 * The registered resource that is the same as a new one but for the slash of an empty path; null: there is
 * none. Clients that may ask for one of the two could ask for both.
 */
export async function sameRegistered(tx: Transaction, name: string): Promise<string | null> {
  const others = spellingsOf(name).filter((other) => other !== name && isPossible(other));
  const found = Object.values(
    await tx.read(Object.fromEntries(others.map((other) => [other, resources.ref(other)]))),
  );
  return found.find(({ value }) => value !== null)?.value?.resource ?? null;
}

/** The names by which a resource may be registered that a request names. */
function spellingsOf(name: string): string[] {
  const whole = canonical(name);
  return whole === `${URL.parse(whole)?.origin}/` ? [whole.slice(0, -1), whole] : [whole];
}

function canonical(name: string): string {
  const url = webUrl(name);
  if (url === null || url.username !== "" || url.password !== "") return name;
  // A parser leaves out tabs and line ends, wherever they are.
  const [authority] = /^https?:\/\/(?![/\\])[\x21-\x7e]+?(?=[/?#\\]|$)/i.exec(name) ?? [];
  if (authority === undefined) return name;
  return url.origin + (name.slice(authority.length) || "/");
}
