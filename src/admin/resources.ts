import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import { kinds, resourceOf } from "../boot/entries.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { adminResource } from "../clients/admin_resource.ts";
import { asAdministrator } from "./administrator.ts";
import { once } from "./idempotency.ts";
import { invalid, jsonBody, type JsonObject, merged, validated, writable } from "./json_body.ts";
import { assertMatch } from "./preconditions.ts";
import { Problem } from "./problem.ts";
import { existing, listRecords, readRecord, type Shown, withEtag } from "./records.ts";

const shown: Shown<Resource> = { name: "resource", collection: resources.all, show };

export function readResource(deps: Deps, request: AdminRequest, name: string): Promise<Answer> {
  return readRecord(deps, request, shown, refOf(name));
}

export function listResources(deps: Deps, request: AdminRequest): Promise<Answer> {
  return listRecords(deps, request, shown);
}

/** @throws {Problem} 409 if there is one of that name */
export async function createResource(deps: Deps, request: AdminRequest): Promise<Answer> {
  const created = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const metadata = validated(kinds.resources.schema, jsonBody(request));
        const { entry } = await tx.read({ entry: resources.ref(metadata.resource) });
        if (entry.value !== null) throw new Problem("conflict", "there is such a resource");
        const resource = resourceOf(metadata, tx.now);
        resources.create(tx, resource);
        auditEvents.append(tx, { type: "resource_created", about: resource.resource });
        const location = `/api/v1/resources/${encodeURIComponent(resource.resource)}`;
        return answer(shownAs(resource), { Location: location }, 201);
      }),
  );
  return await withEtag(deps, shown, resources.ref(String(created.body?.resource)), created);
}

/** @param how whether the body is all of the resource, or what is to change */
export async function updateResource(
  deps: Deps,
  request: AdminRequest,
  name: string,
  how: "replace" | "merge",
): Promise<Answer> {
  const written = await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, refOf(name));
    assertMatch(request, entry);
    assertNotBuiltIn(deps, entry);
    const body = how === "merge" ? merged(show(entry), jsonBody(request)) : jsonBody(request);
    const given = { resource: name, ...writable(body, ["created_at", "updated_at"]) };
    if (given.resource !== name) throw invalid([{ pointer: "/resource", detail: "cannot change" }]);
    const resource = resourceOf(validated(kinds.resources.schema, given), tx.now);
    resources.replace(tx, entry, resource);
    auditEvents.append(tx, { type: "resource_updated", about: name });
    return answer(shownAs({ ...resource, createdAt: entry.value.createdAt }));
  });
  return await withEtag(deps, shown, resources.ref(name), written);
}

/**
 * Deletes a resource: from now on no token is issued for it, and introspection knows those there are no
 * more. A JWT lives on where nobody asks.
 */
export async function deleteResource(
  deps: Deps,
  request: AdminRequest,
  name: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const entry = await existing(tx, shown, refOf(name));
    assertMatch(request, entry);
    assertNotBuiltIn(deps, entry);
    resources.remove(tx, entry);
    auditEvents.append(tx, { type: "resource_deleted", about: name });
  });
  return done;
}

function assertNotBuiltIn(deps: Deps, { value }: Present<Resource>) {
  if (value.resource !== adminResource(deps.config)) return;
  throw new Problem("conflict", "this is the admin API itself, which stays as it is");
}

/** A name as long as none can be is nobody's. */
function refOf(name: string) {
  return name.length > 256 ? null : resources.ref(name);
}

function show({ value }: Present<Resource>): JsonObject {
  return shownAs(value);
}

function shownAs(resource: Resource): JsonObject {
  return {
    resource: resource.resource,
    scopes: resource.scopes,
    access_token_format: resource.accessTokenFormat,
    introspection_clients: resource.introspectionClients,
    ...(resource.clients === null ? {} : { clients: resource.clients }),
    created_at: resource.createdAt,
    updated_at: resource.updatedAt,
  };
}
