import type { ResourceScope } from "../../stores/resource_scopes.ts";

/** What is allowed at each resource, as pages show it. */
export function shownResources(list: readonly ResourceScope[]) {
  return list.flatMap(({ resource, scope }) =>
    resource === null || scope.length === 0 ? [] : { resource, scopes: scope }
  );
}
