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
  /** @throws {InvalidEntry} */
  parse(written: JsonObject): Item;
}

/** @throws {NotFound} */
export function itemIn<Item>(
  list: ProviderList<Item>,
  { value }: Present<Provider>,
  id: string,
): Item {
  const found = list.itemsOf(value).find((item) => list.idOf(item) === id);
  if (found === undefined) throw new NotFound(list.name);
  return found;
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
  itemIn(list, provider, id);
  const changed = list.parse({ [list.idMember]: id, ...written });
  if (list.idOf(changed) !== id) throw invalidMember(list.idMember, "cannot change");
  const all = list.itemsOf(provider.value);
  store(tx, list, provider, all.map((item) => list.idOf(item) === id ? changed : item));
  auditEvents.append(tx, { type: `${list.event}_updated`, about: id });
  return changed;
}

/** @throws {NotFound} */
export function deleteItem<Item>(
  tx: Transaction,
  list: ProviderList<Item>,
  provider: Present<Provider>,
  id: string,
) {
  itemIn(list, provider, id);
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
