import type { Deps } from "../../src/deps/deps.ts";
import {
  protectedResourcePath,
  readProtectedResource,
} from "../../src/discovery/protected_resource.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { wellKnown } from "./discovery.ts";

/** The metadata of the admin API, and of the registered resources that ask for it. @see RFC 9728 */
export function protectedResourceRoutes(deps: Deps): Endpoint[] {
  return [protectedResourcePath, `${protectedResourcePath}/*`].map((path) =>
    endpoint({ path, methods: ["GET"], ...wellKnown }, async (c) => {
      const { pathname, search } = new URL(c.req.raw.url); // encoded
      const place = pathname.slice(protectedResourcePath.length) + search;
      const found = await readProtectedResource(deps, c.get("origin"), place);
      if (found !== null) return c.json(found, 200, { "Cache-Control": "public, max-age=300" });
      throw new OAuthError("invalid_request", "no such resource publishes its metadata here", {
        status: 404,
      });
    })
  );
}
