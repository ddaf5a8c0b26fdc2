import { z } from "zod";
import {
  type AuthorizationDetail,
  detailText,
  grantedDetails,
  unionOfDetails,
} from "./authorization_detail_types.ts";
import { isSameClient } from "./client_identity.ts";
import type { Client } from "./clients.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Peeked,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { pairsOf, resourceScopeSchema, twoLists, union } from "./resource_scopes.ts";

const schema = z.object({
  /** When the client was created: a later client with the same id is a different client. */
  clientCreatedAt: z.int().nullable().default(null),
  resourceScopes: z.array(resourceScopeSchema),
  /** Names of claims that were requested individually. */
  claims: z.array(z.string()),
  /** The newest come last. */
  details: grantedDetails,
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Consent = z.infer<typeof schema>;
const consents = collection({
  family: "consents",
  version: 2,
  schema,
  upgrades: {
    1: (consent) => ({
      ...(typeof consent === "object" ? consent : null),
      // With several resources, the old record does not say which scope was allowed at which: ask the user
      // again.
      resourceScopes: pairsOf(
        consent,
        (scope, [resource, ...more]) =>
          resource === undefined || more.length > 0 ? [] : [{ resource, scope }],
      ),
    }),
  },
  // The previous release reads its own members and ignores `resourceScopes`.
  writes: {
    version: 1,
    downgrade: (consent) => ({ ...consent, ...twoLists(consent.resourceScopes) }),
  },
});

export const all: Collection<Consent> = consents;

/** The place of a user's consent: what a client gets without asking again. */
export function ref(userId: string, clientId: string): Ref<Consent> {
  return consents.ref(userId, clientId);
}

/** The user's consent to this client. A consent to an earlier client with the same id does not count. */
export function consentTo(client: Client, entry: Peeked<Consent> | null): Consent | null {
  const consent = entry?.value ?? null;
  return consent !== null && isSameClient(client, consent) ? consent : null;
}

/** The most that a consent remembers. The oldest are forgotten, and the user is asked for them again. */
const mostDetails = 24;
const mostDetailBytes = 16 * 1024;

/** Adds newly allowed scopes and details to those allowed before. */
export function remember(
  tx: Transaction,
  client: Client,
  entry: Entry<Consent>,
  allowed: Pick<Consent, "resourceScopes" | "claims" | "details">,
) {
  const before = consentTo(client, entry);
  const details = remembered(before?.details ?? [], allowed.details ?? []);
  const consent: Consent = {
    clientCreatedAt: client.createdAt,
    resourceScopes: union(before?.resourceScopes ?? [], allowed.resourceScopes),
    claims: [...new Set([...before?.claims ?? [], ...allowed.claims])],
    ...(details.length > 0 && { details }),
    createdAt: before?.createdAt ?? tx.now,
    updatedAt: tx.now,
  };
  if (entry.value === null) tx.create(entry.ref, consent);
  else tx.replace(entry, consent);
}

function remembered(before: readonly AuthorizationDetail[], added: readonly AuthorizationDetail[]) {
  const names = added.map(detailText);
  const earlier = before.filter((one) => !names.includes(detailText(one)));
  const all = unionOfDetails(earlier, added).slice(-mostDetails);
  while (JSON.stringify(all).length > mostDetailBytes) all.shift();
  return all;
}

/** Deletes the consent: the user is asked again from now on. */
export function withdraw(tx: Transaction, consent: Present<Consent>) {
  tx.delete(consent);
}
