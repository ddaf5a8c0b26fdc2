import * as auditEvents from "../../stores/audit_events.ts";
import * as resources from "../../stores/resources.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";
import { ConfigError } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import type { Entry } from "./entries.ts";

/**
 * Makes the admin API a resource that tokens can be issued for, once. Any client may ask for it that has
 * its scope, which the bootstrap file alone gives.
 */
export async function ensureAdminResource(deps: Deps): Promise<void> {
  const resource = adminResource(deps.config);
  const at = resources.ref(resource);
  // Looked at first: a boot without news costs one read.
  const { known } = await deps.kv.step(systemOrigin, (tx) => tx.read({ known: at }));
  if (known?.value?.clients === "any") return;
  await deps.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: at });
    if (isPresent(found)) {
      // Made by a release that did not know who may ask for a resource.
      resources.replace(tx, found, { ...found.value, clients: "any" });
      return;
    }
    resources.create(tx, {
      resource,
      scopes: [adminScope],
      // Its tokens are for this server alone, which reads their records anyway.
      accessTokenFormat: "opaque",
      introspectionClients: [],
      clients: "any",
      createdAt: tx.now,
      updatedAt: tx.now,
    });
    auditEvents.append(tx, { type: "resource_created", about: resource });
  });
}

/** The file must not say what the admin API's tokens are, nor who else may look at them. */
export function assertNotBuiltIn(deps: Deps, file: string, entries: readonly Entry[]) {
  const resource = adminResource(deps.config);
  if (!entries.some((entry) => entry.kind === "resource" && entry.id === resource)) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `names ${file}, which has an entry for the resource ${resource}: the server makes that one \
itself, so remove the entry`,
  );
}
