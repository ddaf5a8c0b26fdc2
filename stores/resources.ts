import { z } from "zod";
import { webUrl } from "../src/identifiers/web_url.ts";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { signingAlgorithms } from "./provider.ts";

/** Characters of a resource's name. A longer name from outside is nobody's, and must not become a key. */
export const longestResource = 256;

const schema = z.object({
  /** An absolute URI of at most `longestResource` characters. */
  resource: z.string(),
  scopes: z.array(z.string()),
  accessTokenFormat: z.enum(["jwt", "opaque"]),
  /** The algorithm of its JWTs; null: that of the client's ID tokens. */
  accessTokenSigningAlg: z.enum(signingAlgorithms).nullable().default(null),
  /** Clients that may introspect tokens for this resource. */
  introspectionClients: z.array(z.string()),
  /** Clients that may request it, whatever their own registration says; null: not set. */
  clients: z.union([z.literal("any"), z.array(z.string())]).nullable().default(null),
  /** Its metadata for clients, beyond what is above; null: this server publishes none for it. */
  metadata: z.object({
    resourceName: z.string().nullable(),
    resourceDocumentation: z.string().nullable(),
    resourcePolicyUri: z.string().nullable(),
    resourceTosUri: z.string().nullable(),
    dpopBoundAccessTokensRequired: z.boolean(),
  }).nullable().default(null),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Resource = z.infer<typeof schema>;
const resources = collection({ family: "resources", version: 1, schema });
/** Those that publish metadata here, by the place where clients look for them. */
const resourcesByPlace = collection({
  family: "resources_by_place",
  version: 1,
  schema: z.object({}),
});

export const all: Collection<Resource> = resources;
export const byPlace: Collection<Record<never, never>> = resourcesByPlace;

export function ref(resource: string): Ref<Resource> {
  return resources.ref(resource);
}

/** The resource that an entry of `byPlace` leads to. An older release may have deleted or silenced it. */
export function ofPlace({ key }: Ref<unknown>): Ref<Resource> {
  return ref(String(key[2]));
}

/**
 * The path and query of a resource's URL, without the slash of an empty path. Null for other URIs.
 *
 * @see RFC 9728 section 3.1
 */
export function placeOf(resource: string): string | null {
  const url = webUrl(resource);
  if (url === null) return null;
  return (url.pathname === "/" ? "" : url.pathname) + url.search;
}

export function create(tx: Transaction, resource: Resource) {
  tx.create(ref(resource.resource), resource);
  indexPlace(tx, resource);
}

export function replace(tx: Transaction, entry: Present<Resource>, resource: Resource) {
  tx.replace(entry, { ...resource, createdAt: entry.value.createdAt, updatedAt: tx.now });
  indexPlace(tx, resource);
}

export function remove(tx: Transaction, entry: Present<Resource>) {
  tx.delete(entry);
  indexPlace(tx, { resource: entry.value.resource, metadata: null });
}

/** The commit checks the record of the resource, and this entry belongs to it alone. */
function indexPlace(
  tx: Transaction,
  { resource, metadata }: Pick<Resource, "resource" | "metadata">,
) {
  const place = placeOf(resource);
  if (place === null) return;
  const at = resourcesByPlace.ref(place, resource);
  if (metadata === null) tx.end(at);
  else tx.add(at, {});
}
