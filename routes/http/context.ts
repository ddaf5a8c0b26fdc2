import { createMiddleware } from "hono/factory";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Brand } from "../../src/deps/brand.ts";
import { randomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { addressReader } from "./client_address.ts";
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
    /** Of a form that was not accepted: this request sent it, or this one shows the page that says so. */
    readonly refusedForm?: "sent" | "shown";
  };
}

/** Gives each request an id, a nonce and the address that it came from. */
export function requestContext(deps: Deps) {
  const addressOf = addressReader(deps);
  return createMiddleware<AppEnv>(async (c, next) => {
    const requestId = randomId(deps.random);
    c.set("origin", { address: addressOf(c.req.raw, c.env?.remoteAddress), requestId });
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
