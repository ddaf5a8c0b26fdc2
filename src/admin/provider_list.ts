import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Provider } from "../../stores/provider.ts";
import type { ProviderItems } from "../../stores/provider_items.ts";
import { invalidMember, type JsonObject } from "../protocol/json_entry.ts";
import { Conflict, NotFound } from "./errors.ts";

/** A list in the record about the server, as administrators see it. */
export interface ProviderList<Item> extends ProviderItems<Item> {
  /** The word for one item in a sentence. */
  readonly name: string;
  /** The sentence for an entry whose name another item has. */
  readonly taken: string;
  /** The member of an entry that is the item's name. It never changes. */
  readonly idMember: string;
  /** Items of the environment, which are shown and cannot be changed here. Default: there are none. */
  readonly configured?: { readonly variable: string; readonly items: readonly Item[] };
  /** @throws {InvalidEntry} */
  parse(written: JsonObject): Item;
}

/** An item as a list has it. */
export interface Listed<Item> {
  readonly item: Item;
  readonly isConfigured: boolean;
}

/** All items: first those of the environment, which come before a stored one of the same name. */
export function allItems<Item>(
  list: ProviderList<Item>,
  { value }: Present<Provider>,
): Listed<Item>[] {
  return [
    ...(list.configured?.items ?? []).map((item) => ({ item, isConfigured: true })),
    ...list.itemsOf(value).map((item) => ({ item, isConfigured: false })),
  ];
}

/** The item with an id; of two of one name the one that can be changed. @throws {NotFound} */
export function listedItem<Item>(
  list: ProviderList<Item>,
  provider: Present<Provider>,
  id: string,
): Listed<Item> {
  const found = allItems(list, provider).findLast(({ item }) => list.idOf(item) === id);
  if (found === undefined) throw new NotFound(list.name);
  return found;
}

/** @throws {NotFound} @throws {Conflict} if it is only in the environment */
function assertStored<Item>(list: ProviderList<Item>, provider: Present<Provider>, id: string) {
  if (!listedItem(list, provider, id).isConfigured) return;
  throw new Conflict(`the ${list.name} is set by ${list.configured?.variable}: change it there`);
}

/** @returns the new item @throws {InvalidEntry} @throws {Conflict} */
export function createItem<Item>(
  tx: Transaction,
  list: ProviderList<Item>,
  provider: Present<Provider>,
  written: JsonObject,
): Item {
  const created = list.parse(written);
  const id = list.idOf(created);
  const others = list.itemsOf(provider.value);
  if (others.some((item) => list.idOf(item) === id)) {
    throw new Conflict(list.taken);
  }
  store(tx, list, provider, [...others, created]);
  auditEvents.append(tx, { type: `${list.event}_created`, about: id });
  return created;
}

/** @returns the item as it will be @throws {InvalidEntry} @throws {NotFound} @throws {Conflict} */
export function updateItem<Item>(
  tx: Transaction,
  list: ProviderList<Item>,
  provider: Present<Provider>,
  { id, written }: { readonly id: string; readonly written: JsonObject },
): Item {
  assertStored(list, provider, id);
  const changed = list.parse({ [list.idMember]: id, ...written });
  if (list.idOf(changed) !== id) throw invalidMember(list.idMember, "cannot change");
  const all = list.itemsOf(provider.value);
  store(tx, list, provider, all.map((item) => list.idOf(item) === id ? changed : item));
  auditEvents.append(tx, { type: `${list.event}_updated`, about: id });
  return changed;
}

/** @throws {NotFound} @throws {Conflict} */
export function deleteItem<Item>(
  tx: Transaction,
  list: ProviderList<Item>,
  provider: Present<Provider>,
  id: string,
) {
  assertStored(list, provider, id);
  list.set(tx, provider, list.itemsOf(provider.value).filter((item) => list.idOf(item) !== id));
  auditEvents.append(tx, { type: `${list.event}_deleted`, about: id });
}

function store<Item>(
  tx: Transaction,
  list: ProviderList<Item>,
  provider: Present<Provider>,
  items: Item[],
) {
  const problem = list.problemOf(items);
  if (problem !== null) throw new Conflict(problem);
  list.set(tx, provider, items);
}
