import * as auditEvents from "../../stores/audit_events.ts";
import type { AuthorizationDetailType } from "../../stores/authorization_detail_types.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import {
  detailTypeEntrySchema,
  detailTypeOf,
  detailTypesProblem,
} from "../grantable/details/type_entry.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { Conflict, NotFound } from "./errors.ts";

/** @throws {NotFound} */
export function detailTypeIn({ value }: Present<Provider>, type: string): AuthorizationDetailType {
  const found = value.authorizationDetailTypes.find((one) => one.type === type);
  if (found === undefined) throw new NotFound("authorization detail type");
  return found;
}

/** @returns the new type @throws {InvalidEntry} @throws {Conflict} */
export function createDetailType(
  tx: Transaction,
  provider: Present<Provider>,
  written: JsonObject,
): AuthorizationDetailType {
  const created = detailTypeOf(validEntry(detailTypeEntrySchema, written));
  const { authorizationDetailTypes: others } = provider.value;
  if (others.some(({ type }) => type === created.type)) {
    throw new Conflict("there is such an authorization detail type");
  }
  storeTypes(tx, provider, [...others, created]);
  auditEvents.append(tx, { type: "authorization_detail_type_created", about: created.type });
  return created;
}

/**
 * Changes a type. Details that were granted and that it no longer allows are in no new token, and
 * introspection does not tell them any more.
 *
 * @returns the type as it will be
 * @throws {InvalidEntry}
 * @throws {NotFound}
 */
export function updateDetailType(
  tx: Transaction,
  provider: Present<Provider>,
  name: string,
  written: JsonObject,
): AuthorizationDetailType {
  detailTypeIn(provider, name);
  const changed = detailTypeOf(validEntry(detailTypeEntrySchema, { type: name, ...written }));
  if (changed.type !== name) throw invalidMember("type", "cannot change");
  const all = provider.value.authorizationDetailTypes;
  storeTypes(tx, provider, all.map((one) => one.type === name ? changed : one));
  auditEvents.append(tx, { type: "authorization_detail_type_updated", about: name });
  return changed;
}

/** Deletes a type. What was granted of it is told to nobody from now on. */
export function deleteDetailType(tx: Transaction, provider: Present<Provider>, name: string) {
  const { type } = detailTypeIn(provider, name);
  const others = provider.value.authorizationDetailTypes.filter((one) => one.type !== type);
  providers.setAuthorizationDetailTypes(tx, provider, others);
  auditEvents.append(tx, { type: "authorization_detail_type_deleted", about: type });
}

function storeTypes(
  tx: Transaction,
  provider: Present<Provider>,
  types: AuthorizationDetailType[],
) {
  const problem = detailTypesProblem(types);
  if (problem !== null) throw new Conflict(problem);
  providers.setAuthorizationDetailTypes(tx, provider, types);
}
