import { etag } from "hono/etag";
import type { Deps } from "../../src/deps/deps.ts";
import { discoveryDocument } from "../../src/discovery/discovery.ts";
import { readJwks } from "../../src/discovery/jwks.ts";
import type { Declaration, Facts } from "../declaration.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

/** What is true of everything below `/.well-known`. */
export const wellKnown: Facts = { kind: "client", cors: true };

/**
 * What clients read first.
 *
 * @param declared the endpoints of this server, whose URLs the document tells
 * @see OpenID Connect Discovery section 4, RFC 8414 section 3
 */
export function discoveryRoutes(deps: Deps, declared: readonly Declaration[]): Endpoint[] {
  const cacheable = { "Cache-Control": "public, max-age=300" };
  const methods = ["GET"] as const;
  const jwks = endpoint(
    { path: "/.well-known/jwks.json", methods, ...wellKnown, metadata: "jwks_uri" },
    etag(),
    async (c) => c.json(await readJwks(deps), 200, cacheable),
  );
  const urls = [...declared, jwks].flatMap(({ metadata, path }) => {
    return metadata === null ? [] : [[metadata, deps.config.issuer + path]];
  });
  const document = discoveryDocument(deps.config, Object.fromEntries(urls));
  const documents = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
  ].map((path) =>
    endpoint({ path, methods, ...wellKnown }, etag(), (c) => c.json(document, 200, cacheable))
  );
  return [...documents, jwks];
}
