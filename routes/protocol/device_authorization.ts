import type { Deps } from "../../src/deps/deps.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { assertMayStore } from "../../src/limits/route.ts";
import { readClientRequest } from "../http/client_request.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

const path = "/device_authorization";

/** The device authorization endpoint. @see RFC 8628 section 3.1 */
export function deviceAuthorizationRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint({
    path,
    methods: ["POST"],
    kind: "client",
    cors: true,
    noStore: true,
    dpopNonce: true,
    counted: "failures",
    authenticates: "client",
    metadata: "device_authorization_endpoint",
  }, async (incoming) => {
    const request = await readClientRequest(incoming, deps, { proof: true });
    await assertMayStore(deps, request, path);
    const { requestDeviceAuthorization } = await import("../../src/device/request.ts");
    const work = () => requestDeviceAuthorization(deps, request);
    return json(await withClientLimit(deps, request, work));
  })];
}
