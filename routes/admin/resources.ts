import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import { createResource, deleteResource, updateResource } from "../../src/admin/resources.ts";
import { withOwnKeys } from "../../src/callers/own_keys.ts";
import { furtherMetadata } from "../../src/discovery/protected_resource.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageQuery } from "./http/paging.ts";
import {
  createRecord,
  deleteRecord,
  type UpdateKind,
  updateRecord,
} from "./http/record_changes.ts";
import { listing, reading, type Shown } from "./http/records.ts";

/** Resource servers. In a path, the id of a resource is its URI, percent-encoded. */
export function resourceRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/resources", answeredByQuery(deps, pageQuery, listing(shown)))
    .post("/resources", answered(deps, create))
    .get("/resources/:id", answered(deps, reading(shown)))
    .put("/resources/:id", answered(deps, updating("replace")))
    .patch("/resources/:id", answered(deps, updating("merge")))
    .delete("/resources/:id", answered(deps, remove));
}

const shown: Shown<Resource> = {
  name: "resource",
  path: "/api/v1/resources",
  idMember: "resource",
  collection: resources.all,
  readOnly: ["created_at", "updated_at"],
  refOf: (name) => name.length > 256 ? null : resources.ref(name),
  show: ({ value }) => shownAs(value),
};

function shownAs(resource: Resource): JsonObject {
  return {
    resource: resource.resource,
    scopes: resource.scopes,
    access_token_format: resource.accessTokenFormat,
    ...(resource.accessTokenSigningAlg === null
      ? {}
      : { access_token_signing_alg: resource.accessTokenSigningAlg }),
    introspection_clients: resource.introspectionClients,
    ...(resource.clients === null ? {} : { clients: resource.clients }),
    ...(resource.metadata === null ? {} : { metadata: furtherMetadata(resource.metadata) }),
    created_at: resource.createdAt,
    updated_at: resource.updatedAt,
  };
}

const create: Endpoint = (deps, request) =>
  withOwnKeys(deps, request.origin, () =>
    createRecord(
      deps,
      request,
      shown,
      async (tx, body) => shownAs(await createResource(tx, body)),
    ));

function updating(kind: UpdateKind): Endpoint {
  return (deps, request, id) =>
    withOwnKeys(deps, request.origin, () =>
      updateRecord(
        deps,
        request,
        shown,
        { id, kind },
        async (tx, entry, written) => shownAs(await updateResource(deps, tx, entry, written)),
      ));
}

const remove: Endpoint = (deps, request, name) =>
  deleteRecord(request, shown, name, (tx, entry) => deleteResource(deps, tx, entry));
