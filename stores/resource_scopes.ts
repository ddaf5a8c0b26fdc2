import { z } from "zod";

/**
 * Scopes at one resource; `resource` is null for those of this server itself, such as `openid`. The
 * unit of what a client registers, a person allows and a token carries: the same name at two resources
 * is two things.
 *
 * @see RFC 8707 section 2, RFC 9068 section 5
 */
export const resourceScopeSchema = z.object({
  resource: z.string().nullable(),
  scope: z.array(z.string()),
});
export type ResourceScope = z.infer<typeof resourceScopeSchema>;

/** Scopes that this server itself gives a meaning. @see OpenID Connect Core sections 5.4 and 11 */
export const ownScopes: readonly string[] = [
  "openid",
  "profile",
  "email",
  "address",
  "phone",
  "offline_access",
];

/** The scope at one resource, or at this server itself (null). */
export function scopeAt(list: readonly ResourceScope[], resource: string | null): string[] {
  return list.filter((one) => one.resource === resource).flatMap(({ scope }) => scope);
}

/** All scope names, wherever they mean something: what `scope` on the wire can say. */
export function scopeNames(list: readonly ResourceScope[]): string[] {
  return [...new Set(list.flatMap(({ scope }) => scope))];
}

/** The resources, without this server itself. */
export function resourcesOf(list: readonly ResourceScope[]): string[] {
  return [...new Set(list.flatMap(({ resource }) => resource ?? []))];
}

/** Whether each (resource, scope) pair that is wanted is among those that were allowed. */
export function covers(
  allowed: readonly ResourceScope[],
  wanted: readonly ResourceScope[],
): boolean {
  return wanted.every(({ resource, scope }) => {
    const there = scopeAt(allowed, resource);
    return scope.every((name) => there.includes(name));
  });
}

/** The pairs of both lists, each once. */
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

/** What records of before kept apart, and records still say for the release before. */
const apartSchema = z.object({
  scope: z.array(z.string()),
  resources: z.array(z.string()),
  resourceScopes: z.array(resourceScopeSchema).optional(),
});

/**
 * Reads the pairs of a record that has its scope and its resources apart.
 *
 * @param pair which pairs the two lists make, where the record does not say it itself
 */
export function pairsOf(
  record: unknown,
  pair: (names: string[], resources: string[]) => ResourceScope[],
): ResourceScope[] {
  const { scope, resources, resourceScopes } = apartSchema.parse(record);
  if (resourceScopes !== undefined) return resourceScopes;
  const own = scope.filter((name) => ownScopes.includes(name));
  const others = scope.filter((name) => !ownScopes.includes(name));
  return [...own.length > 0 ? [{ resource: null, scope: own }] : [], ...pair(others, resources)];
}

/** The two lists that the release before reads. */
export function apart(list: readonly ResourceScope[]) {
  return { scope: scopeNames(list), resources: resourcesOf(list) };
}
