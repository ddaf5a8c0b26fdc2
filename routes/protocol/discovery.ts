import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { PublishedKeys } from "../../src/discovery/jwks.ts";
import type { Declaration, Facts } from "../declaration.ts";
import {
  documentAnswer,
  type PublishedDocument,
  publishedDocument,
} from "../http/published_document.ts";
import { loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** The properties of everything below `/.well-known`. */
export const wellKnown = { kind: "client", cors: true } as const satisfies Facts;

/** The pages to which clients send browsers. They are loaded later than the endpoints for clients. */
const pages = {
  authorization_endpoint: "/authorize",
  check_session_iframe: "/session/check",
  end_session_endpoint: "/logout",
};

const methods = ["GET"] as const;

/**
 * The documents that clients read first.
 *
 * @param declared the endpoints of this server, whose URLs the document contains
 * @see OpenID Connect Discovery section 4, RFC 8414 section 3
 */
export function discoveryRoutes(deps: Deps, declared: readonly Declaration[]): PlainEndpoint[] {
  const jwks = jwksEndpoint(deps);
  const paths = [...declared, jwks].flatMap(({ metadata, path }) =>
    metadata === null ? [] : [[metadata, path]]
  );
  const urls = [...paths, ...Object.entries(pages)].map(([name, path]) => [
    name,
    deps.config.issuer + path,
  ]);
  let known: RenderedDiscovery | null = null;
  const answer: PlainEndpoint["answer"] = async ({ request }) => {
    const added = await readAdded(deps).catch((error) => {
      if (error instanceof StoreUnavailable && known !== null) return known.added;
      throw error;
    });
    const document = known !== null && await isSame(deps, known.added, added)
      ? known.document
      : await published(deps, added, Object.fromEntries(urls), aliasesOf(deps, declared));
    known = { added, document };
    return documentAnswer(document, request);
  };
  const documents = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
  ].map((path) => plainEndpoint({ path, methods, ...wellKnown }, answer));
  return [...documents, jwks];
}

/** What operators have added. */
async function readAdded({ kv }: Deps): Promise<Provider> {
  const [remembered] = kv.glance([providers.ref()]) ?? [];
  if (remembered !== undefined) return providers.assertProvider(remembered);
  const { provider } = await kv.step(systemOrigin, (tx) => providers.read(tx, {}));
  return provider;
}

async function isSame({ config }: Deps, one: Provider, other: Provider): Promise<boolean> {
  if (one === other) return true;
  const { addedOf } = await import("../../src/discovery/discovery.ts");
  return JSON.stringify(addedOf(config, one)) === JSON.stringify(addedOf(config, other));
}

/**
 * The document, rendered again only when operators have added something else. In an outage of the store
 * clients still get it.
 */
interface RenderedDiscovery {
  readonly added: Provider;
  readonly document: PublishedDocument;
}

/** The code that makes it is loaded at the first request for it. */
async function published(
  deps: Deps,
  added: Provider,
  urls: Record<string, string>,
  aliases: Record<string, string>,
): Promise<PublishedDocument> {
  const { addedOf, discoveryDocument } = await import("../../src/discovery/discovery.ts");
  const { config } = deps;
  return await publishedDocument(discoveryDocument(config, addedOf(config, added), urls, aliases));
}

/** Where the endpoints are at which a certificate may be needed. @see RFC 8705 section 5 */
function aliasesOf({ config }: Deps, declared: readonly Declaration[]): Record<string, string> {
  const origin = config.clientCertificates?.origin ?? null;
  if (origin === null) return {};
  const found = declared.flatMap(({ authenticates, metadata, path }) =>
    authenticates === null || metadata === null ? [] : [[metadata, origin + path]]
  );
  return Object.fromEntries(found);
}

interface RenderedKeys extends Pick<PublishedKeys, "until"> {
  readonly change: string;
  readonly document: PublishedDocument;
}

/** The JWKS, rendered again only when a key has changed or one is no longer published. */
function jwksEndpoint(deps: Deps): PlainEndpoint {
  /** One for each store: in the simulation an app outlives its store. */
  const rendered = new WeakMap<Deps["kv"], RenderedKeys>();
  return plainEndpoint(
    { path: "/.well-known/jwks.json", methods, ...wellKnown, metadata: "jwks_uri" },
    loadedLater(async () => {
      const { readJwks, readKeysChange } = await import("../../src/discovery/jwks.ts");
      return async ({ request }) => {
        const { kv } = deps;
        // Read this before the keys: if they change meanwhile, the next request renders them again.
        const change = await readKeysChange(deps);
        let known = rendered.get(kv);
        if (known?.change !== change || known.until <= deps.clock.seconds()) {
          const { keys, until } = await readJwks(deps);
          known = { change, until, document: await publishedDocument({ keys }) };
          rendered.set(kv, known);
        }
        return documentAnswer(known.document, request);
      };
    }),
  );
}
