import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { ProviderItems } from "../../stores/provider_items.ts";
import * as groups from "../../stores/groups.ts";
import * as resources from "../../stores/resources.ts";
import { ConfigError } from "../config/config_error.ts";
import { detailTypeItems, detailTypeOf } from "../grantable/details/type_entry.ts";
import { customClaimItems, customClaimOf, mostCustomClaims } from "../claims/custom_claims.ts";
import {
  ownIssuerProblem,
  storedTrustedIssuer,
  storedWorkloadIssuer,
} from "../clients/issuer_entries.ts";
import { trustedIssuerItems, workloadIssuerItems } from "../clients/other_issuers.ts";
import { keptSecretOf } from "../clients/kept_secret.ts";
import { clientOf } from "../clients/metadata.ts";
import type { Deps } from "../deps/deps.ts";
import { resourceOf } from "../grantable/resource_entry.ts";
import { newNameProblem, sameRegistered } from "../grantable/resources.ts";
import { assertKeysOfResource, assertOwnKeys } from "../keys/assert_own_keys.ts";
import type { Change, Entry, ValueOf } from "./entries.ts";
import { userChange } from "./user_change.ts";

/** Prepares the change: slow work, such as hashing a password, is done before the step. */
export async function changeOf(deps: Deps, entry: Entry): Promise<Change> {
  switch (entry.kind) {
    case "client":
      return await clientChange(deps, entry.value);
    case "custom_claim":
      return itemChange(
        customClaimItems,
        customClaimOf(entry.value),
        () => `has over ${mostCustomClaims} custom_claims`,
      );
    case "authorization_detail_type":
      return itemChange(
        detailTypeItems,
        detailTypeOf(entry.value),
        (problem) => `has authorization_detail_types: ${problem}`,
      );
    case "trusted_issuer":
      assertNotOwn(deps, entry);
      return itemChange(
        trustedIssuerItems,
        storedTrustedIssuer(entry.value),
        (problem) => `has trusted_issuers: ${problem}`,
      );
    case "workload_issuer":
      assertNotOwn(deps, entry);
      return itemChange(
        workloadIssuerItems,
        storedWorkloadIssuer(entry.value),
        (problem) => `has workload_issuers: ${problem}`,
      );
    case "group":
      return groupChange(entry.value);
    case "user":
      return await userChange(deps, entry.value);
    case "resource":
      return resourceChange(entry.value);
  }
}

/** Creates the client, or changes it to match the entry. Its step throws {OwnKeysNeeded}. */
export async function clientChange(
  { masterKey }: Pick<Deps, "masterKey">,
  metadata: ValueOf<"client">,
): Promise<Change> {
  const kept = await keptSecretOf(masterKey, metadata);
  return async (tx, keepsSecret) => {
    const clientId = metadata.client_id;
    const { client: found } = await tx.read({ client: clients.ref(clientId) });
    const given = clientOf(metadata, kept, tx.now);
    const client = keepsSecret && found.value !== null ? withSecretOf(found.value, given) : given;
    await assertOwnKeys(tx, client);
    if (found.value === null) clients.create(tx, client);
    else clients.replace(tx, found, client);
    const type = found.value === null ? "client_created" : "client_updated";
    auditEvents.append(tx, { type, clientId });
  };
}

/** The changed client with the secrets that it has, as far as it can use them. */
function withSecretOf(before: clients.Client, given: clients.Client): clients.Client {
  const isSealed = given.sealedSecret !== null;
  const { secretDigest, sealedSecret, previousSecret } = before;
  // Of a secret that it must sign with, the digest alone is not enough.
  if (secretDigest === null || (isSealed && sealedSecret === null)) return given;
  return {
    ...given,
    secretDigest,
    sealedSecret: isSealed ? sealedSecret : null,
    previousSecret: previousSecret && {
      ...previousSecret,
      sealedSecret: isSealed ? previousSecret.sealedSecret : null,
    },
  };
}

/** Adds an item to a list in the record about the server, or changes it. @param refusal of a problem */
function itemChange<Item>(
  items: ProviderItems<Item>,
  item: Item,
  refusal: (problem: string) => string,
): Change {
  const id = items.idOf(item);
  return async (tx) => {
    const { found } = await tx.read({ found: providers.ref() });
    if (!isPresent(found)) throw new Error("the provider's record does not exist");
    const all = items.itemsOf(found.value);
    const others = all.filter((one) => items.idOf(one) !== id);
    const problem = items.problemOf([...others, item]);
    if (problem !== null) throw new ConfigError("LATCHKEY_BOOTSTRAP", refusal(problem));
    items.set(tx, found, [...others, item]);
    const change = others.length === all.length ? "created" : "updated";
    auditEvents.append(tx, { type: `${items.event}_${change}`, about: id });
  };
}

function assertNotOwn({ config }: Deps, { kind, id }: Entry) {
  const problem = ownIssuerProblem(config.issuer, id);
  if (problem !== null) {
    throw new ConfigError("LATCHKEY_BOOTSTRAP", `has a ${kind}, which ${problem}`);
  }
}

function groupChange({ group, description }: ValueOf<"group">): Change {
  return async (tx) => {
    const { found } = await tx.read({ found: groups.ref(group) });
    if (found.value === null) groups.create(tx, group, description);
    else groups.describe(tx, found, description);
    const type = found.value === null ? "group_created" : "group_updated";
    auditEvents.append(tx, { type, about: group });
  };
}

/** As `clientChange`; its step throws {OwnKeysNeeded}, too. */
function resourceChange(given: ValueOf<"resource">): Change {
  return async (tx) => {
    const { resource: found } = await tx.read({ resource: resources.ref(given.resource) });
    const resource = resourceOf(given, tx.now);
    const problem = found.value === null ? await newResourceProblem(tx, given.resource) : null;
    if (problem !== null) {
      throw new ConfigError(
        "LATCHKEY_BOOTSTRAP",
        `names the resource ${given.resource}, which ${problem}`,
      );
    }
    await assertKeysOfResource(tx, resource);
    if (found.value === null) resources.create(tx, resource);
    else resources.replace(tx, found, resource);
    const type = found.value === null ? "resource_created" : "resource_updated";
    auditEvents.append(tx, { type, about: given.resource });
  };
}

async function newResourceProblem(tx: Transaction, name: string): Promise<string | null> {
  const misspelt = newNameProblem(name);
  if (misspelt !== null) return misspelt;
  const same = await sameRegistered(tx, name);
  return same === null ? null : `is there as ${same}: use one spelling`;
}
