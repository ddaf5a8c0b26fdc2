import * as providers from "../../stores/provider.ts";
import type { Provider, StoredTrustedIssuer, StoredWorkloadIssuer } from "../../stores/provider.ts";
import type { ProviderItems } from "../../stores/provider_items.ts";
import type { Config } from "../config/config.ts";
import type { IssuerSource, TrustedIssuer } from "../config/trusted_issuers.ts";
import type { WorkloadIssuer } from "../config/workload_issuers.ts";

/** Steps read them with the record about the server, so there are few, and they are small. */
const mostIssuers = 16;
/** Bytes of a list as JSON. */
const mostBytes = 10 * 1024;

/** The servers whose assertions about users are accepted, beside those of the configuration. */
export const trustedIssuerItems: ProviderItems<StoredTrustedIssuer> = {
  event: "trusted_issuer",
  idOf: ({ issuer }) => issuer,
  itemsOf: ({ trustedIssuers }) => trustedIssuers,
  problemOf: sizeProblem,
  set: (tx, provider, trustedIssuers) => providers.setLists(tx, provider, { trustedIssuers }),
};

/** The issuers of tokens for workloads, beside those of the configuration. */
export const workloadIssuerItems: ProviderItems<StoredWorkloadIssuer> = {
  event: "workload_issuer",
  idOf: ({ issuer }) => issuer,
  itemsOf: ({ workloadIssuers }) => workloadIssuers,
  problemOf: sizeProblem,
  set: (tx, provider, workloadIssuers) => providers.setLists(tx, provider, { workloadIssuers }),
};

function sizeProblem(items: readonly unknown[]): string | null {
  if (items.length > mostIssuers) return `there are ${mostIssuers} issuers already`;
  const bytes = new TextEncoder().encode(JSON.stringify(items)).length;
  return bytes > mostBytes ? `all issuers together must have at most ${mostBytes} bytes` : null;
}

/** All servers whose assertions are accepted. The configuration comes before what is stored. */
export function trustedIssuers(
  config: Pick<Config, "issuer" | "trustedIssuers">,
  provider: Pick<Provider, "trustedIssuers">,
): readonly TrustedIssuer[] {
  const stored = others(config, config.trustedIssuers, provider.trustedIssuers);
  return [
    ...config.trustedIssuers,
    ...stored.map((one) => ({ ...one, users: new Map(one.users) })),
  ];
}

/** All issuers of tokens for workloads. The configuration comes before what is stored. */
export function workloadIssuers(
  config: Pick<Config, "issuer" | "workloadIssuers">,
  provider: Pick<Provider, "workloadIssuers">,
): readonly WorkloadIssuer[] {
  return [
    ...config.workloadIssuers,
    ...others(config, config.workloadIssuers, provider.workloadIssuers),
  ];
}

/** Never this server itself, whose tokens every client sees: its URL may have changed since. */
function others<Issuer extends IssuerSource>(
  { issuer: own }: Pick<Config, "issuer">,
  configured: readonly IssuerSource[],
  stored: readonly Issuer[],
): Issuer[] {
  return stored.filter(({ issuer }) =>
    issuer !== own && !configured.some((one) => one.issuer === issuer)
  );
}
