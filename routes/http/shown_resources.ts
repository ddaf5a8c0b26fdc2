import type { ResourceScope } from "../../stores/resource_scopes.ts";

/** The allowed scopes at each resource, for pages. */
export function shownResources(list: readonly ResourceScope[]) {
  return list.flatMap(({ resource, scope }) =>
    resource === null || scope.length === 0 ? [] : { resource, scopes: scope }
  );
}
