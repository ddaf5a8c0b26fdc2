import type { Deps } from "../../src/deps/deps.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { configurationPath } from "../../src/registration/configuration_path.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** Few servers need it. */
const configuration = () => import("../../src/registration/configuration.ts");
const limits = () => import("../../src/limits/registration.ts");
const parts = () => import("../http/registration_request.ts");

/** Clients that register themselves; no endpoints if that is off. @see RFC 7591, RFC 7592 */
export function registerRoutes(deps: Deps): PlainEndpoint[] {
  if (deps.config.registration === "off") return [];
  const facts = { kind: "client", cors: true, noStore: true } as const;
  const own = { ...facts, path: configurationPath };
  return [
    plainEndpoint({
      ...facts,
      path: "/register",
      methods: ["POST"],
      counted: "by handler",
      metadata: "registration_endpoint",
    }, async ({ request, origin }) => {
      const { reserveRegistration } = await limits();
      assertPassed(await reserveRegistration(deps, origin));
      const { bearerToken, jsonBody } = await parts();
      const metadata = await jsonBody(request);
      const token = bearerToken(request);
      const { registerClient } = await import("../../src/registration/register.ts");
      return json(await registerClient(deps, { origin, metadata, token }), 201);
    }),
    // Each answer brings the next token, and a HEAD request would never see it.
    plainEndpoint({ ...own, methods: ["GET"], isSafe: false }, async (incoming) => {
      const { configurationRequest } = await parts();
      const { readRegistration } = await configuration();
      return json(await readRegistration(deps, configurationRequest(incoming)));
    }),
    plainEndpoint({ ...own, methods: ["PUT"] }, async (incoming) => {
      const { reserveRegistrationChange } = await limits();
      assertPassed(await reserveRegistrationChange(deps, incoming.origin));
      const { configurationRequest, jsonBody } = await parts();
      const metadata = await jsonBody(incoming.request);
      const { updateRegistration } = await configuration();
      return json(
        await updateRegistration(deps, { ...configurationRequest(incoming), metadata }),
      );
    }),
    plainEndpoint({ ...own, methods: ["DELETE"] }, async (incoming) => {
      const { configurationRequest } = await parts();
      const { deleteRegistration } = await configuration();
      await deleteRegistration(deps, configurationRequest(incoming));
      return { status: 204, body: null, headers: {} };
    }),
  ];
}
