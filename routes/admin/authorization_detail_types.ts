import { detailTypeList } from "../../src/admin/authorization_detail_types.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { detailTypeEntryOf } from "../../src/grantable/details/type_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { providerListEndpoints } from "./http/provider_list.ts";

/** The types of authorization details (RFC 9396). */
export function authorizationDetailTypeRoutes(deps: Deps): Endpoints {
  return providerListEndpoints(deps, detailTypeList, {
    path: "/authorization-detail-types",
    show: detailTypeEntryOf,
  });
}
