import * as clients from "../../stores/clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { resourceEntryOf } from "../clients/members.ts";
import type { Deps } from "../deps/deps.ts";
import { readResources } from "../grantable/resources.ts";
import type { Entry } from "./entries.ts";

/**
 * Warns of resources, types of authorization details and clients that entries of the bootstrap file name, and
 * that do not exist: a misspelt name silently gives no access. It is no error, because they may be created
 * later.
 */
export async function warnOfMissingNames(deps: Deps, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    for (const missing of await missingIn(deps, entry)) {
      deps.logger.warn(
        `${entry.kind} "${entry.id}" of the bootstrap file names ${missing}, which does not exist: add it \
to the file, or create it by the admin API`,
        { kind: entry.kind, id: entry.id },
      );
    }
  }
}

async function missingIn(deps: Deps, entry: Entry): Promise<string[]> {
  if (entry.kind === "resource") {
    const { clients: list, introspection_clients: introspecting } = entry.value;
    const named = [...(Array.isArray(list) ? list : []), ...introspecting];
    return await missingClients(deps, named);
  }
  if (entry.kind === "trusted_issuer") return await missingClients(deps, entry.value.clients);
  if (entry.kind !== "client") return [];
  const { resources = [], authorization_details_types: types } = entry.value;
  return [
    ...await missingResources(deps, resources.map((one) => resourceEntryOf(one).resource)),
    ...await missingTypes(deps, types),
  ];
}

/** A client whose id is the URL of its metadata is there as soon as it comes. */
async function missingClients(deps: Deps, ids: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const id of new Set(ids.filter((id) => !id.startsWith("https://")))) {
    const { client } = await deps.kv.step(
      systemOrigin,
      (tx) => tx.read({ client: clients.ref(id) }),
    );
    if (client.value === null) missing.push(`the client ${id}`);
  }
  return missing;
}

async function missingResources(deps: Deps, names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) {
    const [found] = await deps.kv.step(systemOrigin, (tx) => readResources(tx, [name]));
    if (!found) missing.push(`the resource ${name}`);
  }
  return missing;
}

async function missingTypes(deps: Deps, types: readonly string[]): Promise<string[]> {
  if (types.length === 0) return [];
  const { provider } = await deps.kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  const known = new Set(provider.authorizationDetailTypes.map(({ type }) => type));
  const missing = types.filter((type) => !known.has(type));
  return missing.map((type) => `the type of authorization details ${type}`);
}
