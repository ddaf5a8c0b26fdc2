import type { Context } from "hono";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { PresentedCertificate } from "../../src/certificates/presented_certificate.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";

/** A request with its id, for the endpoints for programs. */
export interface Incoming {
  readonly request: Request;
  /** The decoded path, as in its declaration. */
  readonly path: string;
  readonly origin: Origin & { readonly requestId: string };
  /** Of the sender, which may be a proxy; null: the request came through the Unix socket. */
  readonly remoteAddress: string | null;
}

/** The request of an endpoint that shares the app of the pages. */
export function incomingOf(c: Context<AppEnv>): Incoming {
  const remoteAddress = c.env?.remoteAddress ?? null;
  return { request: c.req.raw, path: c.req.path, origin: c.get("origin"), remoteAddress };
}

/**
 * The certificate of a request's connection, if one of the operator's proxies passed it on. Most servers
 * have none, and load nothing for it.
 *
 * @throws {OAuthError} `invalid_request`
 */
export function certificateOf(
  incoming: Incoming,
  deps: Pick<Deps, "config" | "logger">,
): Promise<PresentedCertificate | null> | null {
  const header = deps.config.clientCertificates?.header ?? null;
  if (header === null || !incoming.request.headers.has(header)) return null;
  return import("./client_certificate.ts").then((one) => one.presentedCertificate(incoming, deps));
}
