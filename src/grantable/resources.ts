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
 * Whether two names are the same resource. The scheme and the host of an http(s) URL are compared without
 * case, and without a path it equals the same URL with a slash, as URL parsers write it. Everything else is
 * compared character by character.
 *
 * @see RFC 3986 sections 6.2.2.1 and 6.2.3, RFC 8707 section 2, MCP authorization, "Canonical Server URI"
 */
export function isSameResource(one: string, other: string): boolean {
  return one === other || spellingsOf(one).includes(other) || spellingsOf(other).includes(one);
}

/** Whether a name is the same resource as one of the others. */
export function isAmong(name: string, others: readonly string[]): boolean {
  return others.some((other) => isSameResource(other, name));
}

/**
 * The registered resource of which a new name is another spelling; null: there is none. Clients that may
 * ask for one of the two could ask for both.
 */
export async function sameRegistered(tx: Transaction, name: string): Promise<string | null> {
  const others = spellingsOf(name).filter((other) => other !== name && isPossible(other));
  const found = Object.values(
    await tx.read(Object.fromEntries(others.map((other) => [other, resources.ref(other)]))),
  );
  return found.find(({ value }) => value !== null)?.value?.resource ?? null;
}

function spellingsOf(name: string): string[] {
  const url = URL.parse(name);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return [];
  if (url.username !== "" || url.password !== "") return [];
  // A parser leaves out tabs and line ends, wherever they are.
  const [authority] = /^https?:\/\/(?![/\\])[\x21-\x7e]+?(?=[/?#\\]|$)/i.exec(name) ?? [];
  if (authority === undefined) return [];
  const rest = name.slice(authority.length);
  return rest === "" || rest === "/" ? [url.origin, `${url.origin}/`] : [url.origin + rest];
}
