import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import { SealError } from "../../src/crypto/master_key.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { cookieName, cookieOptions, readCookie } from "./cookies.ts";

/** A cookie may have 4,096 bytes with its name and attributes. */
const mostOfAny = 3_600;

/**
 * A value that one page passes to the next in this browser. It lives for a short time, and it is
 * sealed, so that nobody else can read it, and no link can make a page show a text.
 *
 * @param purpose names the cookie
 * @param lifetime in seconds
 * @param mostCharacters of the sealed value
 */
export function sealedCookie<T>(
  purpose: string,
  lifetime: number,
  schema: z.ZodType<T>,
  mostCharacters = mostOfAny,
) {
  const envelope = z.object({ value: schema, expiresAt: z.int() });

  return {
    /**
     * Stores a value for one page.
     *
     * @param context the page; on other pages the value cannot be opened
     * @returns false if it is too large, and not stored
     */
    async keep(c: Context<AppEnv>, deps: Deps, context: string, value: T): Promise<boolean> {
      const expiresAt = deps.clock.seconds() + lifetime;
      const text = JSON.stringify({ value, expiresAt });
      const sealed = await deps.masterKey.seal(text, `${purpose} ${context}`);
      if (sealed.length > mostCharacters) return false;
      const options = { ...cookieOptions(deps), maxAge: lifetime };
      setCookie(c, cookieName(deps, purpose), sealed, options);
      return true;
    },

    /** Whether the browser has one, for whatever page. */
    isThere(c: Context<AppEnv>, deps: Deps): boolean {
      return readCookie(c, cookieName(deps, purpose)) !== undefined;
    },

    /** The value for this page; null if there is none that this release can read, or if it is for another. */
    async read(c: Context<AppEnv>, deps: Deps, context: string): Promise<T | null> {
      const sealed = readCookie(c, cookieName(deps, purpose));
      if (sealed === undefined) return null;
      const text = await unsealed(deps, sealed, `${purpose} ${context}`);
      if (text === null) return null;
      // Another release may have sealed it, with another schema.
      const opened = envelope.safeParse(JSON.parse(text));
      if (!opened.success) return null;
      const { value, expiresAt } = opened.data;
      return expiresAt > deps.clock.seconds() ? value : null;
    },

    forget(c: Context<AppEnv>, deps: Deps) {
      deleteCookie(c, cookieName(deps, purpose), cookieOptions(deps));
    },
  };
}

async function unsealed(deps: Deps, sealed: string, context: string): Promise<string | null> {
  try {
    return await deps.masterKey.unseal(sealed, context);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
