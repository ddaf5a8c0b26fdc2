import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { descriptionFor } from "../../src/protocol/error_description.ts";
import { type EndpointKind, OAuthError, statusOf } from "../../src/protocol/errors.ts";
import { noteRefusal } from "../../src/protocol/refusals.ts";
import type { PlainAnswer } from "../plain_endpoint.ts";
import type { Incoming } from "./incoming.ts";

/** The error that a client gets for a thrown error. */
export function asOAuthError(thrown: unknown): OAuthError {
  if (thrown instanceof OAuthError) return thrown;
  if (thrown instanceof StoreUnavailable) {
    return new OAuthError("temporarily_unavailable", "the store is unavailable: try again soon", {
      cause: thrown,
      headers: { "Retry-After": "1" },
    });
  }
  return new OAuthError("server_error", "an unexpected error: it has been logged", {
    cause: thrown,
  });
}

/**
 * Logs a failure of the server. A refusal is noted for the log line of its request. One that slow senders
 * cause is only counted: a line for each would be their next attack.
 */
export function reportError(
  { logger }: Pick<Deps, "logger">,
  { request, path, origin: { requestId } }: Incoming,
  thrown: unknown,
  error: OAuthError,
) {
  if (isOfBodyThatGaveWay(error)) return;
  const fields = { requestId, method: request.method, path, error: thrown };
  if (error.code === "server_error") logger.error("a request failed", fields);
  else if (statusOf(error, "client") === 503) {
    logger.warn("a request met an unavailable store", fields);
  } else noteRefusal(error.reason, error.message);
}

/** Only these end the connection of a request that can be tried again. */
function isOfBodyThatGaveWay({ code, headers }: OAuthError): boolean {
  return code === "temporarily_unavailable" && headers.Connection === "close";
}

/** The JSON of an error, and its headers. @see RFC 6749 section 5.2, RFC 6750 section 3 */
export async function errorAnswer(
  { config }: Pick<Deps, "config">,
  { request }: Incoming,
  error: OAuthError,
  kind: EndpointKind,
): Promise<PlainAnswer & { readonly body: string }> {
  const { code } = error;
  const description = descriptionFor(config, error);
  const status = statusOf(error, kind);
  const headers: Record<string, string> = { ...error.headers, "Cache-Control": "no-store" };
  // No challenge for an unknown path, for too many requests, or in an outage: other credentials would
  // not help.
  const isChallenge = [400, 401, 403].includes(status);
  if (kind === "resource" && isChallenge && headers["WWW-Authenticate"] === undefined) {
    const told = [`error="${code}"`, `error_description="${description}"`];
    headers["WWW-Authenticate"] = await challenge(request.headers, told);
  }
  const body = JSON.stringify({ error: code, error_description: description });
  return { status, body, headers };
}

/**
 * A challenge of the scheme that the request has used, in any case.
 *
 * @see RFC 9110 section 11.1, RFC 9449 section 7.1
 */
export async function challenge(headers: Headers, told: readonly string[]): Promise<string> {
  if (!/^dpop\b/i.test(headers.get("authorization") ?? "")) return `Bearer ${told.join(", ")}`;
  const { challengeAlgs } = await import("../../src/tokens/dpop_algorithms.ts");
  return `DPoP ${[...told, challengeAlgs].join(", ")}`;
}
