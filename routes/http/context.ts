import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { Brand } from "../../src/deps/brand.ts";
import { randomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { addressReader } from "./client_address.ts";
import type { SessionCookie } from "../../src/sessions/session_cookie.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import type { Declaration } from "../declaration.ts";
import type { Language } from "../../src/language/languages.ts";

/** The values that each request has from the outermost middleware on. */
export interface AppEnv {
  Bindings: {
    /** From `Deno.serve`; absent if a test calls the app. */
    readonly remoteAddress?: string;
  };
  Variables: {
    /** The declaration of the endpoint that answers; null until a route has matched. */
    readonly endpoint: Declaration | null;
    /** Whether the request was counted for the limit of its route. */
    readonly counted: boolean;
    readonly origin: Origin & { readonly requestId: string };
    /** The nonce for the scripts of this page. */
    readonly nonce: string;
    readonly logger: Logger;
    readonly brand: Brand;
    /** The language that the user chose at the foot of a page. */
    readonly chosenLanguage: Language | null;
    /** The language of the page whose form was sent, or of the page that led here. */
    readonly pageLanguage?: Language;
    /** The languages that the waiting request of a client asks for. */
    readonly uiLocales?: string | undefined;
    /** The cookies of the request, once one was asked for. */
    readonly cookies?: Readonly<Record<string, string>>;
    /** What the session cookie of the request says, once that was read. */
    readonly session?: Promise<SessionCookie | null>;
    /** The new secret of a browser that came without one. */
    readonly newBrowser?: string;
    /**
     * The errors of a rejected form: this request sent it, or this request shows the page with the
     * errors.
     */
    readonly refusedForm?: "sent" | "shown" | undefined;
    /** What the page has to say of its form: it had an old token, or came before a sign-in that it needed. */
    readonly saysRefused?: "outdated" | "interrupted";
  };
}

/** What the browser says that it is; null: nothing. */
export function userAgentOf(c: Context<AppEnv>): string | null {
  return c.req.header("user-agent") ?? null;
}

/** Gives each request an id, a nonce and its network address. */
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
