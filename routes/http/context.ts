import { createMiddleware } from "hono/factory";
import ipaddr from "ipaddr.js";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Brand } from "../../src/deps/brand.ts";
import { randomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import type { Declaration } from "../declaration.ts";
import type { Language } from "../../src/language/languages.ts";

/** What each request carries from the outermost middleware on. */
export interface AppEnv {
  Bindings: {
    /** From `Deno.serve`; absent where a test calls the app. */
    readonly remoteAddress?: string;
  };
  Variables: {
    /** What is declared of the endpoint that answers; null until a route has matched. */
    readonly endpoint: Declaration | null;
    /** Whether the request has taken its place under the limit of its route. */
    readonly counted: boolean;
    readonly origin: Origin & { readonly requestId: string };
    /** For the scripts of this response's page. */
    readonly nonce: string;
    readonly logger: Logger;
    readonly brand: Brand;
    /** By the person, at the foot of a page. */
    readonly chosenLanguage: Language | null;
    /** The secret of a browser that came without one. */
    readonly newBrowser?: string;
  };
}

/** Gives each request an id, a nonce and the address that it came from. */
export function requestContext(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const requestId = randomId(deps.random);
    const address = clientAddress(
      c.env?.remoteAddress,
      c.req.header("x-forwarded-for"),
      deps.config.trustedProxies,
    );
    c.set("origin", { address, requestId });
    c.set("endpoint", null);
    c.set("counted", false);
    c.set("nonce", randomId(deps.random));
    c.set("logger", deps.logger);
    c.set("brand", deps.brand);
    c.set("chosenLanguage", null);
    c.header("X-Request-Id", requestId);
    await next();
  });
}

/**
 * The address of the client. Each trusted proxy has appended whom it heard from, so the entry that the
 * outermost of them wrote is the one; all before it is the client's own claim.
 *
 * @returns a normal form, or null if there is none
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string | null {
  const hops = [...(forwardedFor ?? "").split(","), remoteAddress ?? ""].map((hop) => hop.trim());
  const address = hops[hops.length - 1 - trustedProxies] ?? "";
  if (!ipaddr.isValid(address)) return null;
  return ipaddr.process(address).toString(); // ::ffff:192.0.2.1 is 192.0.2.1
}
