import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import {
  createDetailType,
  deleteDetailType,
  detailTypeIn,
  updateDetailType,
} from "../../src/admin/authorization_detail_types.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { detailTypeEntryOf } from "../../src/grantable/details/type_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answered, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import {
  createRecord,
  deleteRecord,
  existing,
  reading,
  type Shown,
  type UpdateKind,
  updateRecord,
} from "./http/records.ts";
import { asAdministrator } from "./http/steps.ts";

/**
 * The types of authorization details (RFC 9396). All are in one record, so they share their ETag. In a path,
 * the id of a type is its name, percent-encoded.
 */
export function authorizationDetailTypeRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/authorization-detail-types", answered(deps, list))
    .post("/authorization-detail-types", answered(deps, create))
    .get("/authorization-detail-types/:id", answered(deps, read))
    .put("/authorization-detail-types/:id", answered(deps, updating("replace")))
    .patch("/authorization-detail-types/:id", answered(deps, updating("merge")))
    .delete("/authorization-detail-types/:id", answered(deps, remove));
}

/** The record of all types, shown as the one with a name. */
const shown: Shown<Provider> = {
  name: "authorization detail type",
  path: "/api/v1/authorization-detail-types",
  idMember: "type",
  collection: providers.all,
  refOf: () => providers.ref(),
  show: (entry, name) => detailTypeEntryOf(detailTypeIn(entry, name)),
};

const list: Endpoint = (deps, request) =>
  asAdministrator(deps, request, async (tx) => {
    const { value } = await existing(tx, "authorization detail type", providers.ref());
    return answer({
      items: value.authorizationDetailTypes.map(detailTypeEntryOf),
      next_cursor: null,
    });
  });

const create: Endpoint = (deps, request) =>
  createRecord(deps, request, shown, async (tx, body) => {
    const provider = await existing(tx, "authorization detail type", providers.ref());
    return detailTypeEntryOf(createDetailType(tx, provider, body));
  });

const read: Endpoint = reading(shown);

function updating(kind: UpdateKind): Endpoint {
  return (deps, request, id) =>
    updateRecord(
      deps,
      request,
      shown,
      { id, kind },
      (tx, entry, wanted) => detailTypeEntryOf(updateDetailType(tx, entry, id, wanted)),
    );
}

const remove: Endpoint = (deps, request, name) =>
  deleteRecord(
    deps,
    request,
    shown,
    name,
    (tx, entry) => deleteDetailType(tx, entry, name),
  );
