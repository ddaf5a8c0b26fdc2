import * as providers from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import type { Resource } from "../../stores/resources.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";
import { isListedItself } from "../grantable/resources.ts";
import type { Config } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { dpopAlgorithms } from "../tokens/dpop_algorithms.ts";

/** Where the metadata of a resource are, before the path of the resource. @see RFC 9728 section 3 */
export const protectedResourcePath = "/.well-known/oauth-protected-resource";

/** Where the metadata of the admin API are. */
export function adminMetadataUrl(config: Pick<Config, "issuer">): string {
  return config.issuer + protectedResourcePath + new URL(adminResource(config)).pathname;
}

/** Characters of a place. A resource's URI has at most 256, which are at most three times as many encoded. */
const longestPlace = 1024;

/**
 * The metadata of a resource that is registered here and asks for it.
 *
 * @param place what follows `protectedResourcePath` in the URL: the path and query of a resource, or a
 *   slash and its whole URI, percent-encoded. Resources of several hosts can have the same path; then
 *   only the whole URI names one.
 * @returns null if there is none
 * @see RFC 9728 sections 2 and 3.1
 */
export async function readProtectedResource(
  { config, kv }: Pick<Deps, "config" | "kv">,
  origin: Origin,
  place: string,
): Promise<Record<string, unknown> | null> {
  if (place.length > longestPlace) return null;
  if (config.issuer + place === adminResource(config)) {
    return document(config, adminResource(config), [adminScope], {});
  }
  const names = [config.issuer + place, ...(place === "" ? [`${config.issuer}/`] : [])];
  const whole = wholeUri(place);
  for (const name of whole === null ? names : [whole]) {
    if (name.length > 256) return null;
    const { entry } = await kv.step(
      origin,
      (tx) => tx.peek({ entry: resources.ref(name) }, "registration"),
    );
    if (entry.value !== null) return await documentOf({ config, kv }, origin, entry.value);
  }
  if (whole !== null) return null;
  const only = await onlyWithPath({ kv }, origin, place);
  return only === null ? null : await documentOf({ config, kv }, origin, only);
}

/** The URI in a place, if it has one. */
function wholeUri(place: string): string | null {
  const encoded = place.slice(1);
  if (/[/?]/.test(encoded) || !/%3A%2F%2F/i.test(encoded)) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** The one resource with this path that asks for a document; null: there is none, or there are several. */
async function onlyWithPath(
  { kv }: Pick<Deps, "kv">,
  origin: Origin,
  place: string,
): Promise<Resource | null> {
  let found: Resource | null = null;
  const list = { collection: resources.byPlace, prefix: [place], limit: 4 };
  for await (const places of eachPage({ kv }, list)) {
    const refs = Object.fromEntries(places.map(({ ref }, n) => [n, resources.ofPlace(ref)]));
    const entries = await kv.step(origin, (tx) => tx.peek(refs, "registration"));
    const published = Object.values(entries).flatMap(({ value }) =>
      value === null || value.metadata === null ? [] : [value]
    );
    if (published.length > (found === null ? 1 : 0)) return null;
    found ??= published[0] ?? null;
  }
  return found;
}

async function documentOf(
  { config, kv }: Pick<Deps, "config" | "kv">,
  origin: Origin,
  { resource, scopes, metadata }: Resource,
) {
  if (metadata === null) return null;
  const types = await kv.step(origin, async (tx) => {
    const { provider } = await providers.read(tx, {});
    const found: string[] = [];
    for (const { type, resources } of provider.authorizationDetailTypes) {
      if (await isListedItself(tx, resource, resources)) found.push(type);
    }
    return found;
  });
  return document(config, resource, scopes, {
    ...(types.length === 0 ? {} : { authorization_details_types_supported: types }),
    ...furtherMetadata(metadata),
  });
}

/** The members of a resource's metadata that are registered as they are published. */
export function furtherMetadata(metadata: NonNullable<Resource["metadata"]>) {
  const members = {
    resource_name: metadata.resourceName,
    resource_documentation: metadata.resourceDocumentation,
    resource_policy_uri: metadata.resourcePolicyUri,
    resource_tos_uri: metadata.resourceTosUri,
  };
  return {
    ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)),
    dpop_bound_access_tokens_required: metadata.dpopBoundAccessTokensRequired,
  };
}

function document(
  { issuer }: Pick<Config, "issuer">,
  resource: string,
  scopes: readonly string[],
  further: Record<string, unknown>,
) {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: dpopAlgorithms,
    ...further,
  };
}
