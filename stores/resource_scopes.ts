import { z } from "zod";

/**
 * A scope at one resource; `resource` is null for scopes of this server itself, such as `openid`. Clients
 * register, users allow and tokens carry these pairs: the same scope name at two resources has two
 * meanings.
 * @see RFC 8707 section 2, RFC 9068 section 5
 */
export const resourceScopeSchema = z.object({
  resource: z.string().nullable(),
  scope: z.array(z.string()),
});
export type ResourceScope = z.infer<typeof resourceScopeSchema>;

/** @see OpenID Connect Core sections 5.4 and 11 */
export const standardScopes: readonly string[] = [
  "openid",
  "profile",
  "email",
  "address",
  "phone",
  "offline_access",
];

/** Scopes that this server itself defines, beside those of custom claims. */
export const ownScopes: readonly string[] = [...standardScopes, "groups", "device_sso"];

/** A scope of custom claims begins with this, so that it can never be a resource's. */
export const claimScopePrefix = "claims:";

/** Whether a scope is this server's own, and so about a person. */
export function isOwnScope(name: string): boolean {
  return ownScopes.includes(name) || name.startsWith(claimScopePrefix);
}

/** The scope at one resource, or at this server itself (null). */
export function scopeAt(list: readonly ResourceScope[], resource: string | null): string[] {
  return list.filter((one) => one.resource === resource).flatMap(({ scope }) => scope);
}

/** All scope names, at any resource, for the `scope` parameter. */
export function scopeNames(list: readonly ResourceScope[]): string[] {
  return [...new Set(list.flatMap(({ scope }) => scope))];
}

/** The resources, without this server itself. */
export function resourcesOf(list: readonly ResourceScope[]): string[] {
  return [...new Set(list.flatMap(({ resource }) => resource ?? []))];
}

/** Whether every requested (resource, scope) pair is among the allowed pairs. */
export function covers(
  allowed: readonly ResourceScope[],
  wanted: readonly ResourceScope[],
): boolean {
  return wanted.every(({ resource, scope }) => {
    const there = scopeAt(allowed, resource);
    return scope.every((name) => there.includes(name));
  });
}

/** The pairs of both lists, without duplicates. */
export function union(
  before: readonly ResourceScope[],
  added: readonly ResourceScope[],
): ResourceScope[] {
  const resources = [...new Set([...before, ...added].map(({ resource }) => resource))];
  return resources.map((resource) => ({
    resource,
    scope: [...new Set([...scopeAt(before, resource), ...scopeAt(added, resource)])],
  }));
}

/** The two separate lists of earlier releases, which records still hold for the previous release. */
const apartSchema = z.object({
  scope: z.array(z.string()),
  resources: z.array(z.string()),
  resourceScopes: z.array(resourceScopeSchema).optional(),
});

/**
 * Reads the pairs of a record that holds scopes and resources separately.
 * @param pair makes pairs of the two lists, if the record itself holds none
 */
export function pairsOf(
  record: unknown,
  pair: (names: string[], resources: string[]) => ResourceScope[],
): ResourceScope[] {
  const { scope, resources, resourceScopes } = apartSchema.parse(record);
  if (resourceScopes !== undefined) return resourceScopes;
  const own = scope.filter(isOwnScope);
  const others = scope.filter((name) => !isOwnScope(name));
  return [...own.length > 0 ? [{ resource: null, scope: own }] : [], ...pair(others, resources)];
}

/** The two lists that the previous release reads. */
export function twoLists(list: readonly ResourceScope[]) {
  return { scope: scopeNames(list), resources: resourcesOf(list) };
}
