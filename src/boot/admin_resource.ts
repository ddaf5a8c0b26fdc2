import * as resources from "../../stores/resources.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";
import { ConfigError } from "../config/config_error.ts";
import type { Deps } from "../deps/deps.ts";
import type { WrittenEntry } from "./applied_entries.ts";

/**
 * Creates the resource of the admin API once, so that tokens can be issued for it. Any client with its
 * scope may request it; only the bootstrap file gives that scope.
 */
export async function ensureAdminResource(deps: Deps): Promise<void> {
  const resource = adminResource(deps.config);
  const at = resources.ref(resource);
  // Check first: a start without changes costs one read.
  const { known } = await deps.kv.step(systemOrigin, (tx) => tx.read({ known: at }));
  if (known?.value?.clients === "any") return;
  const auditEvents = await import("../../stores/audit_events.ts");
  await deps.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: at });
    if (isPresent(found)) {
      // Created by an earlier release, which did not record who may request a resource.
      resources.replace(tx, found, { ...found.value, clients: "any" });
      return;
    }
    resources.create(tx, {
      resource,
      scopes: [adminScope],
      // Its tokens are only for this server, which reads their records anyway.
      accessTokenFormat: "opaque",
      accessTokenSigningAlg: null,
      introspectionClients: [],
      clients: "any",
      metadata: null, // built in
      createdAt: tx.now,
      updatedAt: tx.now,
    });
    auditEvents.append(tx, { type: "resource_created", about: resource });
  });
}

/** The file must not define the token format of the admin API, nor who may introspect its tokens. */
export function assertNotBuiltIn(
  deps: Deps,
  file: string,
  entries: readonly Pick<WrittenEntry, "kind" | "id">[],
) {
  const resource = adminResource(deps.config);
  if (!entries.some((entry) => entry.kind === "resource" && entry.id === resource)) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `names ${file}, which has an entry for the resource ${resource}: the server makes that one \
itself, so remove the entry`,
  );
}
