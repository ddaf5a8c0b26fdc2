import type { Deps } from "../../src/deps/deps.ts";
import { assertPassed } from "../../src/limits/too_many_requests.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../src/protocol/json_entry.ts";
import type { ConfigurationRequest } from "../../src/registration/configuration.ts";
import { configurationPath } from "../../src/registration/configuration_path.ts";
import { missingToken } from "../../src/registration/wrong_token.ts";
import { readBytes } from "../http/body.ts";
import type { Incoming } from "../http/incoming.ts";
import { json, type PlainEndpoint, plainEndpoint } from "../plain_endpoint.ts";

/** Few servers need it. */
const configuration = () => import("../../src/registration/configuration.ts");
const limits = () => import("../../src/limits/registration.ts");

/** A registration is a record, and strangers can make many. */
const mostBytes = 16 * 1024;

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
      const metadata = await jsonBody(request);
      const token = bearerToken(request);
      const { registerClient } = await import("../../src/registration/register.ts");
      return json(await registerClient(deps, { origin, metadata, token }), 201);
    }),
    // Each answer brings the next token, and a HEAD request would never see it.
    plainEndpoint({ ...own, methods: ["GET"], isSafe: false }, async (incoming) => {
      const { readRegistration } = await configuration();
      return json(await readRegistration(deps, configurationRequest(incoming)));
    }),
    plainEndpoint({ ...own, methods: ["PUT"] }, async (incoming) => {
      const { reserveRegistrationChange } = await limits();
      assertPassed(await reserveRegistrationChange(deps, incoming.origin));
      const metadata = await jsonBody(incoming.request);
      const { updateRegistration } = await configuration();
      return json(
        await updateRegistration(deps, { ...configurationRequest(incoming), metadata }),
      );
    }),
    plainEndpoint({ ...own, methods: ["DELETE"] }, async (incoming) => {
      const { deleteRegistration } = await configuration();
      await deleteRegistration(deps, configurationRequest(incoming));
      return { status: 204, body: null, headers: {} };
    }),
  ];
}

/** @throws {OAuthError} `invalid_token` if the request carries no token */
function configurationRequest({ request, origin }: Incoming): ConfigurationRequest {
  const clientId = new URL(request.url).searchParams.get("client_id") ?? "";
  const token = bearerToken(request);
  if (token === null) throw missingToken();
  return { origin, clientId, token };
}

/** @see RFC 6750 section 2.1 */
function bearerToken(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header === null) return null;
  const [, token = ""] = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*)$/i.exec(header) ?? [];
  return token;
}

/** @throws {OAuthError} `invalid_client_metadata`; 413, 415 */
async function jsonBody(request: Request): Promise<JsonObject> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") {
    throw new OAuthError("invalid_client_metadata", "the body must be application/json", {
      status: 415,
    });
  }
  const bytes = await readBytes(request);
  if (bytes.length > mostBytes) {
    throw new OAuthError("invalid_client_metadata", `the body has more than ${mostBytes} bytes`, {
      status: 413,
    });
  }
  try {
    const value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isJsonObject(value)) return value;
  } catch {
    // as below
  }
  throw new OAuthError("invalid_client_metadata", "the body must be a JSON object");
}
