import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import {
  allItems,
  createItem,
  deleteItem,
  type Listed,
  listedItem,
  type ProviderList,
  updateItem,
} from "../../../src/admin/provider_list.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import type { JsonObject } from "../../../src/protocol/json_entry.ts";
import type { Endpoints } from "../../endpoint.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./endpoints.ts";
import { writable } from "./json_body.ts";
import { type PageQuery, pageQuery, wholeList } from "./paging.ts";
import { createRecord, deleteRecord, type UpdateKind, updateRecord } from "./record_changes.ts";
import { existing, reading, type Shown } from "./records.ts";

/**
 * The endpoints of a list that is kept in the record about the server. All items are in one record, so they
 * share their ETag. In a path, the id of an item is its name, percent-encoded.
 *
 * @param path below `/api/v1`, such as `/custom-claims`
 * @param show an item as the API shows it
 */
export function providerListEndpoints<Item>(
  deps: Deps,
  list: ProviderList<Item>,
  { path, show }: { readonly path: string; readonly show: (item: Item) => JsonObject },
): Endpoints {
  const showListed = ({ item, isConfigured }: Listed<Item>): JsonObject => (
    { ...show(item), ...(isConfigured ? { source: "environment" } : {}) }
  );

  /** The record of all items, shown as the one with an id. */
  const shown: Shown<Provider> = {
    name: list.name,
    path: `/api/v1${path}`,
    idMember: list.idMember,
    collection: providers.all,
    readOnly: list.configured === undefined ? [] : ["source"],
    refOf: () => providers.ref(),
    show: (provider, id) => showListed(listedItem(list, provider, id)),
    isElsewhere: (provider, id) => listedItem(list, provider, id).isConfigured,
  };

  const all: Endpoint<PageQuery> = (_deps, request) =>
    request.step(async (tx, { query }) => {
      const provider = await existing(tx, list.name, providers.ref());
      return wholeList(query, allItems(list, provider).map(showListed));
    });

  const create: Endpoint = (deps, request) =>
    createRecord(deps, request, shown, async (tx, body) => {
      const provider = await existing(tx, list.name, providers.ref());
      return show(createItem(tx, list, provider, writable(body, shown.readOnly ?? [])));
    });

  const updating = (kind: UpdateKind): Endpoint => (deps, request, id) =>
    updateRecord(
      deps,
      request,
      shown,
      { id, kind },
      (tx, provider, written) => show(updateItem(tx, list, provider, { id, written })),
    );

  const remove: Endpoint = (_deps, request, id) =>
    deleteRecord(request, shown, id, (tx, provider) => deleteItem(tx, list, provider, id));

  return apiEndpoints()
    .get(path, answeredByQuery(deps, pageQuery, all))
    .post(path, answered(deps, create))
    .get(`${path}/:id`, answered(deps, reading(shown)))
    .put(`${path}/:id`, answered(deps, updating("replace")))
    .patch(`${path}/:id`, answered(deps, updating("merge")))
    .delete(`${path}/:id`, answered(deps, remove));
}
