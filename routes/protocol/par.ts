import { pushAuthorizationRequest } from "../../src/authorize/push.ts";
import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { reserveRoute } from "../../src/limits/route.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { presentedProof } from "../http/dpop.ts";
import { readForm } from "../http/form.ts";

/** The pushed authorization request endpoint. @see RFC 9126 section 2 */
export function parRoutes(deps: Deps): Endpoint[] {
  return [endpoint({
    path: "/par",
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    metadata: "pushed_authorization_request_endpoint",
  }, async (c) => {
    const form = await readForm(c.req.raw);
    const credentials = presentedCredentials(c.req.raw.headers, form);
    const proof = presentedProof(c, deps);
    const origin = c.get("origin");
    // A client with a secret is held to its failures alone; one without could be anybody, and each
    // push leaves a record.
    if (credentials.method === "none") assertPassed(await reserveRoute(deps, origin, "/par"));
    const pushed = await withClientLimit(
      deps,
      origin,
      credentials,
      () => pushAuthorizationRequest(deps, { origin, form, credentials, proof }),
    );
    return c.json(pushed, 201);
  })];
}
