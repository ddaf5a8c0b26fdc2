import type { StoredTrustedIssuer, StoredWorkloadIssuer } from "../../stores/provider.ts";
import {
  ownIssuerProblem,
  recordOfTrustedIssuer,
  recordOfWorkloadIssuer,
  storedTrustedIssuer,
  storedWorkloadIssuer,
} from "../clients/issuer_entries.ts";
import { trustedIssuerItems, workloadIssuerItems } from "../clients/other_issuers.ts";
import type { Config } from "../config/config.ts";
import { trustedIssuerEntrySchema } from "../config/trusted_issuers.ts";
import { workloadIssuerEntrySchema } from "../config/workload_issuers.ts";
import { invalidMember, validEntry } from "../protocol/json_entry.ts";
import type { ProviderList } from "./provider_list.ts";

/** The servers whose assertions about users are accepted. */
export function trustedIssuerList(config: Config): ProviderList<StoredTrustedIssuer> {
  return {
    ...trustedIssuerItems,
    name: "trusted issuer",
    taken: "there is such a trusted issuer",
    idMember: "issuer",
    configured: {
      variable: "LATCHKEY_TRUSTED_ISSUERS",
      items: config.trustedIssuers.map(recordOfTrustedIssuer),
    },
    parse: (written) =>
      notOwn(config, storedTrustedIssuer(validEntry(trustedIssuerEntrySchema(), written))),
  };
}

/** The issuers of tokens for workloads. */
export function workloadIssuerList(config: Config): ProviderList<StoredWorkloadIssuer> {
  return {
    ...workloadIssuerItems,
    name: "workload issuer",
    taken: "there is such a workload issuer",
    idMember: "issuer",
    configured: {
      variable: "LATCHKEY_WORKLOAD_ISSUERS",
      items: config.workloadIssuers.map(recordOfWorkloadIssuer),
    },
    parse: (written) =>
      notOwn(config, storedWorkloadIssuer(validEntry(workloadIssuerEntrySchema(), written))),
  };
}

function notOwn<Issuer extends { readonly issuer: string }>(config: Config, issuer: Issuer) {
  const problem = ownIssuerProblem(config.issuer, issuer.issuer);
  if (problem !== null) throw invalidMember("issuer", problem);
  return issuer;
}
