import { trustedIssuerList, workloadIssuerList } from "../../src/admin/other_issuers.ts";
import { trustedIssuerEntryOf, workloadIssuerEntryOf } from "../../src/clients/issuer_entries.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { providerListEndpoints } from "./http/provider_list.ts";

/** The servers whose assertions about users are accepted. */
export function trustedIssuerRoutes(deps: Deps): Endpoints {
  return providerListEndpoints(deps, trustedIssuerList(deps.config), {
    path: "/trusted-issuers",
    show: trustedIssuerEntryOf,
  });
}

/** The issuers of tokens for workloads. */
export function workloadIssuerRoutes(deps: Deps): Endpoints {
  return providerListEndpoints(deps, workloadIssuerList(deps.config), {
    path: "/workload-issuers",
    show: workloadIssuerEntryOf,
  });
}
