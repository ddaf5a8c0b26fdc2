import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import { adminResource } from "../clients/admin_resource.ts";
import type { Deps } from "../deps/deps.ts";
import { resourceEntrySchema, resourceOf } from "../grantable/resource_entry.ts";
import { newNameProblem, sameRegistered } from "../grantable/resources.ts";
import { assertKeysOfResource } from "../keys/assert_own_keys.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { Conflict } from "./errors.ts";

/**
 * @returns the new record
 * @throws {InvalidEntry}
 * @throws {Conflict} if the name is taken
 * @throws {OwnKeysNeeded} `withOwnKeys` handles it
 */
export async function createResource(tx: Transaction, written: JsonObject): Promise<Resource> {
  const resource = resourceOf(validEntry(resourceEntrySchema, written), tx.now);
  const { entry } = await tx.read({ entry: resources.ref(resource.resource) });
  if (entry.value !== null) throw new Conflict("there is such a resource");
  const problem = newNameProblem(resource.resource);
  if (problem !== null) throw invalidMember("resource", problem);
  if (await sameRegistered(tx, resource.resource) !== null) {
    throw new Conflict("there is such a resource, in another spelling");
  }
  await assertKeysOfResource(tx, resource);
  resources.create(tx, resource);
  auditEvents.append(tx, { type: "resource_created", about: resource.resource });
  return resource;
}

/** @returns the record as it will be @throws {InvalidEntry} @throws {Conflict} @throws {OwnKeysNeeded} */
export async function updateResource(
  deps: Deps,
  tx: Transaction,
  entry: Present<Resource>,
  written: JsonObject,
): Promise<Resource> {
  assertNotBuiltIn(deps, entry);
  const { resource: name, createdAt } = entry.value;
  const given = { resource: name, ...written };
  if (given.resource !== name) throw invalidMember("resource", "cannot change");
  const resource = resourceOf(validEntry(resourceEntrySchema, given), tx.now);
  await assertKeysOfResource(tx, resource);
  resources.replace(tx, entry, resource);
  auditEvents.append(tx, { type: "resource_updated", about: name });
  return { ...resource, createdAt };
}

/**
 * Deletes a resource. From now on no token is issued for it, and introspection reports its tokens as
 * inactive. A JWT stays valid for a resource server that does not ask.
 *
 * @throws {Conflict}
 */
export function deleteResource(deps: Deps, tx: Transaction, entry: Present<Resource>): void {
  assertNotBuiltIn(deps, entry);
  resources.remove(tx, entry);
  auditEvents.append(tx, { type: "resource_deleted", about: entry.value.resource });
}

function assertNotBuiltIn(deps: Deps, { value }: Present<Resource>) {
  if (value.resource !== adminResource(deps.config)) return;
  throw new Conflict("this is the admin API itself: it cannot be changed");
}
