import { Hono } from "hono";
import { etag } from "hono/etag";
import type { Deps } from "../../src/deps/deps.ts";
import { discoveryDocument } from "../../src/discovery/discovery.ts";
import { readJwks } from "../../src/discovery/jwks.ts";
import type { AppEnv } from "../http/context.ts";

/** What clients read first. @see OpenID Connect Discovery section 4, RFC 8414 section 3 */
export function discoveryRoutes(deps: Deps): Hono<AppEnv> {
  const document = discoveryDocument(deps.config);
  const cacheable = { "Cache-Control": "public, max-age=300" };
  return new Hono<AppEnv>()
    .use("/.well-known/*", etag())
    .get("/.well-known/openid-configuration", (c) => c.json(document, 200, cacheable))
    .get("/.well-known/oauth-authorization-server", (c) => c.json(document, 200, cacheable))
    .get("/.well-known/jwks.json", async (c) => c.json(await readJwks(deps), 200, cacheable));
}
