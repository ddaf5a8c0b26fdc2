import { Hono } from "hono";
import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { revoke } from "../../src/presented/revocation.ts";
import type { AppEnv } from "../http/context.ts";
import { readForm } from "../http/form.ts";

/** The revocation endpoint. @see RFC 7009 section 2 */
export function revokeRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>().post("/revoke", async (c) => {
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
  });
}
