import type { Deps } from "../../src/deps/deps.ts";
import { json, loadedLater, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

const path = "/device_authorization";

/** The device authorization endpoint. @see RFC 8628 section 3.1 */
export function deviceAuthorizationRoutes(deps: Deps): PlainEndpoint[] {
  return [plainEndpoint(
    {
      path,
      methods: ["POST"],
      kind: "client",
      cors: true,
      noStore: true,
      dpopNonce: true,
      counted: "failures",
      authenticates: "client",
      metadata: "device_authorization_endpoint",
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("../http/client_request.ts");
      const { withClientLimit } = await import("../../src/limits/client_authentication.ts");
      const { assertMayStore } = await import("../../src/limits/route.ts");
      return async (incoming) => {
        const request = await readClientRequest(incoming, deps, { proof: true });
        await assertMayStore(deps, request, path);
        const { requestDeviceAuthorization } = await import("../../src/device/request.ts");
        const work = () => requestDeviceAuthorization(deps, request);
        return json(await withClientLimit(deps, request, work));
      };
    }),
  )];
}
