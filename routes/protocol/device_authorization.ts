import type { Deps } from "../../src/deps/deps.ts";
import { clientEndpoint, json, type PlainEndpoint } from "../plain_endpoint.ts";

/** The device authorization endpoint. @see RFC 8628 section 3.1 */
export function deviceAuthorizationRoutes(deps: Deps): PlainEndpoint[] {
  return [
    clientEndpoint(deps, {
      path: "/device_authorization",
      cors: true,
      metadata: "device_authorization_endpoint",
      proof: true,
      stores: true,
    }, () =>
      Promise.resolve(async (request) => {
        const { requestDeviceAuthorization } = await import("../../src/device/request.ts");
        return json(await requestDeviceAuthorization(deps, request));
      })),
  ];
}
