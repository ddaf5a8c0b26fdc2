import { z } from "zod";
import type { Client } from "./clients.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as users from "./users.ts";
import { apart, pairsOf, resourceScopeSchema, union } from "./resource_scopes.ts";

const schema = z.object({
  /** When the client was made: one of the same id that was made later is another. */
  clientCreatedAt: z.int().nullable().default(null),
  resourceScopes: z.array(resourceScopeSchema),
  /** Names of claims that were asked for one by one. */
  claims: z.array(z.string()),
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
      // Of several resources nobody knows any more which scope was allowed at which: the person is asked.
      resourceScopes: pairsOf(
        consent,
        (scope, [resource, ...more]) =>
          resource === undefined || more.length > 0 ? [] : [{ resource, scope }],
      ),
    }),
  },
  // The release before reads its own members, and leaves `resourceScopes` alone.
  writes: {
    version: 1,
    downgrade: (consent) => ({ ...consent, ...apart(consent.resourceScopes) }),
  },
  target: (key) => users.ref(String(key[1])), // it goes with its person
});

export const all: Collection<Consent> = consents;

/** Points at what a person allows a client without being asked again. */
export function ref(userId: string, clientId: string): Ref<Consent> {
  return consents.ref(userId, clientId);
}

/** What a person allows this client; what they allowed one that had its id before counts for nothing. */
export function consentTo(client: Client, entry: Entry<Consent> | null): Consent | null {
  const consent = entry?.value ?? null;
  if (consent === null) return null;
  return (consent.clientCreatedAt ?? client.createdAt) === client.createdAt ? consent : null;
}

/** Remembers what was allowed, beside all that was before. */
export function remember(
  tx: Transaction,
  client: Client,
  entry: Entry<Consent>,
  allowed: Pick<Consent, "resourceScopes" | "claims">,
) {
  const before = consentTo(client, entry);
  const consent: Consent = {
    clientCreatedAt: client.createdAt,
    resourceScopes: union(before?.resourceScopes ?? [], allowed.resourceScopes),
    claims: [...new Set([...before?.claims ?? [], ...allowed.claims])],
    createdAt: before?.createdAt ?? tx.now,
    updatedAt: tx.now,
  };
  if (entry.value === null) tx.create(entry.ref, consent);
  else tx.replace(entry, consent);
}

/** Forgets what was allowed: from now on the person is asked again. */
export function withdraw(tx: Transaction, consent: Present<Consent>) {
  tx.delete(consent);
}
