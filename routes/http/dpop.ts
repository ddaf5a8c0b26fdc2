import { createMiddleware } from "hono/factory";
import type { Deps } from "../../src/deps/deps.ts";
import type { PresentedProof } from "../../src/tokens/dpop.ts";
import { currentNonce } from "../../src/tokens/dpop_nonce.ts";
import type { AppEnv } from "./context.ts";
import type { Incoming } from "./incoming.ts";

/**
 * The `DPoP` header of a request, with the method and URL that its proof must name. @see RFC 9449
 * section 4.1
 */
export function presentedProof(
  incoming: Pick<Incoming, "request" | "path">,
  deps: Pick<Deps, "config">,
): PresentedProof | null {
  const { request } = incoming;
  const jwt = request.headers.get("dpop");
  if (jwt === null) return null;
  // Two headers arrive joined by a comma, which is not a JWT.
  const [url, alias = null] = endpointUrls(incoming, deps);
  return { jwt, method: request.method, url, alias };
}

/**
 * The URLs of the endpoint that is called: that of the issuer, whatever Host says, and that for clients with
 * a certificate, if there is one. @see RFC 8705 section 5
 */
export function endpointUrls(
  { path }: Pick<Incoming, "path">,
  { config: { issuer, clientCertificates } }: Pick<Deps, "config">,
): readonly [url: string] | readonly [url: string, alias: string] {
  const origin = clientCertificates?.origin ?? null;
  return origin === null ? [issuer + path] : [issuer + path, origin + path];
}

/** Adds the nonce for the next proof to every answer to a proof, if nonces are on. */
export function dpopNonce(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (!deps.config.dpopNonce || c.req.header("dpop") === undefined) return;
    c.res.headers.set("DPoP-Nonce", await currentNonce(deps));
  });
}
