import type { CustomClaim } from "../../stores/custom_claims.ts";
import { customClaimList } from "../../src/admin/custom_claims.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { providerListEndpoints } from "./http/provider_list.ts";

/** The claims that operators add to the standard ones. */
export function customClaimRoutes(deps: Deps): Endpoints {
  return providerListEndpoints(deps, customClaimList, { path: "/custom-claims", show });
}

function show({ claim, type, scope, label, changedBy }: CustomClaim): JsonObject {
  return { claim, type, scope, label, changed_by: changedBy };
}
