import type { AuthorizationDetailType } from "../../stores/authorization_detail_types.ts";
import {
  detailTypeEntrySchema,
  detailTypeItems,
  detailTypeOf,
} from "../grantable/details/type_entry.ts";
import { validEntry } from "../protocol/json_entry.ts";
import type { ProviderList } from "./provider_list.ts";

/**
 * The types of authorization details. Details that were granted and that a changed type no longer allows, or
 * whose type was deleted, are in no new token, and introspection does not tell them any more.
 */
export const detailTypeList: ProviderList<AuthorizationDetailType> = {
  ...detailTypeItems,
  name: "authorization detail type",
  taken: "there is such an authorization detail type",
  idMember: "type",
  parse: (written) => detailTypeOf(validEntry(detailTypeEntrySchema, written)),
};
