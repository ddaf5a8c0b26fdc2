import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { introspect } from "../../src/presented/introspection.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { readForm } from "../http/form.ts";

/** The introspection endpoint. @see RFC 7662 section 2 */
export function introspectRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/introspect",
    methods: ["POST"],
    kind: "client",
    noStore: true,
    counted: "failures",
    metadata: "introspection_endpoint",
  }, async (c) => {
    const form = await readForm(c.req.raw);
    const credentials = presentedCredentials(c.req.raw.headers, form);
    const origin = c.get("origin");
    const introspection = await withClientLimit(
      deps,
      origin,
      credentials,
      () => introspect(deps, { origin, form, credentials }),
    );
    return c.json(introspection);
  })];
}
