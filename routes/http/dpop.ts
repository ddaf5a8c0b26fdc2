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
  { request, path }: Pick<Incoming, "request" | "path">,
  { config: { issuer, clientCertificates } }: Pick<Deps, "config">,
): PresentedProof | null {
  const jwt = request.headers.get("dpop");
  if (jwt === null) return null;
  // The URL of the issuer, whatever Host says. Two headers arrive joined by a comma, which is not a
  // JWT.
  const alias = clientCertificates === null || clientCertificates.origin === null
    ? null
    : clientCertificates.origin + path;
  return { jwt, method: request.method, url: issuer + path, alias };
}

/** Adds the nonce for the next proof to every answer to a proof, if nonces are on. */
export function dpopNonce(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (!deps.config.dpopNonce || c.req.header("dpop") === undefined) return;
    c.res.headers.set("DPoP-Nonce", await currentNonce(deps));
  });
}
