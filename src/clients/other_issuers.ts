import type { Grant } from "../../stores/grants.ts";
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
  set: (tx, provider, issuers) => {
    const before = new Map(provider.value.trustedIssuers.map((one) => [one.issuer, one]));
    const trustedIssuers = issuers.map((one) => {
      const known = before.get(one.issuer);
      return { ...one, id: known === undefined ? tx.ids.id() : known.id };
    });
    providers.setLists(tx, provider, { trustedIssuers });
  },
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
  config: TrustRule,
  provider: Pick<Provider, "trustedIssuers">,
): readonly TrustedIssuer[] {
  const stored = others(config, config.trustedIssuers, provider.trustedIssuers);
  return [
    ...config.trustedIssuers,
    ...stored.map((one) => ({ ...one, users: new Map(one.users) })),
  ];
}

/** What a grant remembers of the issuer that asserted its user. */
export function trustOf({ id, issuer }: Pick<TrustedIssuer, "id" | "issuer">): string {
  return id ?? issuer;
}

/** What says which servers are trusted to assert users, beside the record about this one. */
export type TrustRule = Pick<Config, "issuer" | "trustedIssuers">;

/**
 * Whether the issuer that asserted a grant's user, if one did, is still trusted for its client. One that was
 * deleted and added again does not bring back what was issued before.
 */
export function isStillTrusted(
  config: TrustRule,
  provider: Pick<Provider, "trustedIssuers">,
  { assertedBy, clientId }: Pick<Grant, "assertedBy" | "clientId">,
): boolean {
  if (assertedBy === undefined) return true; // as most
  return trustedIssuers(config, provider)
    .some((one) => trustOf(one) === assertedBy && one.clients.includes(clientId));
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
