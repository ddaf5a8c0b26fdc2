import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { exchange } from "../../src/grants/index.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { presentedProof } from "../http/dpop.ts";
import { readForm } from "../http/form.ts";

/** The token endpoint. @see RFC 6749 section 3.2 */
export function tokenRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/token",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    metadata: "token_endpoint",
  }, async (c) => {
    const form = await readForm(c.req.raw);
    const credentials = presentedCredentials(c.req.raw.headers, form);
    const proof = presentedProof(c, deps);
    const origin = c.get("origin");
    const tokens = await withClientLimit(
      deps,
      origin,
      credentials,
      () => exchange(deps, { origin, form, credentials, proof }),
    );
    return c.json(tokens);
  })];
}
