import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { revoke } from "../../src/presented/revocation.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { readForm } from "../http/form.ts";

/** The revocation endpoint. @see RFC 7009 section 2 */
export function revokeRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/revoke",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    counted: "failures",
    metadata: "revocation_endpoint",
  }, async (c) => {
    const form = await readForm(c.req.raw);
    const credentials = presentedCredentials(c.req.raw.headers, form);
    const origin = c.get("origin");
    await withClientLimit(
      deps,
      origin,
      credentials,
      () => revoke(deps, { origin, form, credentials }),
    );
    return c.body(null, 200);
  })];
}
