import { OAuthError } from "../../src/protocol/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../src/protocol/json_entry.ts";
import type { ConfigurationRequest } from "../../src/registration/configuration.ts";
import { missingToken } from "../../src/registration/wrong_token.ts";
import { readBytes } from "./body.ts";
import type { Incoming } from "./incoming.ts";

/** A registration is a record, and strangers can make many. */
const mostBytes = 16 * 1024;

/**
 * A request about a registration that exists.
 * @throws {OAuthError} `invalid_token` if the request carries no token
 */
export function configurationRequest({ request, origin }: Incoming): ConfigurationRequest {
  const clientId = new URL(request.url).searchParams.get("client_id") ?? "";
  const token = bearerToken(request);
  if (token === null) throw missingToken();
  return { origin, clientId, token };
}

/**
 * The token of a registration; null if the request has no credentials.
 * @throws {OAuthError} `invalid_token` for credentials of another scheme
 * @see RFC 6750 sections 2.1 and 3.1
 */
export function bearerToken(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header === null) return null;
  if (!/^Bearer(?: |$)/i.test(header)) throw missingToken();
  const [, token = ""] = /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*)$/i.exec(header) ?? [];
  return token;
}

/** The metadata in the body. @throws {OAuthError} `invalid_client_metadata`; 413, 415 */
export async function jsonBody(request: Request): Promise<JsonObject> {
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
