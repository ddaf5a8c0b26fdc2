import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import { type CookieOptions, parse } from "hono/utils/cookie";
import { parseSessionCookie, type SessionCookie } from "../../src/sessions/session_cookie.ts";
import {
  type Device,
  deviceLifetime,
  formatDeviceCookie,
  parseDeviceCookie,
} from "../../src/sessions/device.ts";
import { browserState } from "../../src/sessions/browser_state.ts";
import type { BrowserCookies } from "../../src/sessions/sign_in.ts";
import { carriedLifetime } from "../../src/interactions/carried.ts";
import { recordIdOf } from "../../src/interactions/own_page.ts";
import { digest } from "../../src/crypto/digest.ts";
import { apart } from "../../src/identifiers/apart.ts";
import { randomSecret } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { isHttps } from "./fixed_headers.ts";

/** A cookie of the request. Each page asks for several: the header is parsed once. */
export function readCookie(c: Context<AppEnv>, name: string): string | undefined {
  const sent = cookiesOf(c)[name];
  return sent === undefined ? undefined : apart(sent);
}

/** Whether the browser has sent any cookie. */
export function hasCookies(c: Context<AppEnv>): boolean {
  return Object.keys(cookiesOf(c)).length > 0;
}

function cookiesOf(c: Context<AppEnv>): Readonly<Record<string, string>> {
  const sent = c.get("cookies") ?? parse(c.req.raw.headers.get("cookie") ?? "");
  c.set("cookies", sent);
  return sent;
}

/** The address of the browser's session, from its cookie: read once, and asked for by several. */
export function readSession(c: Context<AppEnv>, deps: Deps): Promise<SessionCookie | null> {
  const session = c.get("session") ??
    parseSessionCookie(readCookie(c, cookieName(deps, "session")));
  c.set("session", session);
  return session;
}

/** Sets the cookies after a sign-in: the session, and the mark that this browser knows the account. */
export async function keepSignIn(
  c: Context<AppEnv>,
  deps: Deps,
  { session, device }: BrowserCookies,
) {
  const maxAge = deps.config.lifetimes.sessionMax;
  setCookie(c, cookieName(deps, "session"), session, { ...cookieOptions(deps), maxAge });
  const known = await parseSessionCookie(session);
  if (known !== null) keepBrowserState(c, deps, known.sessionId);
  await keepDevice(c, deps, device);
}

/** The accounts that have signed in with this browser before. */
export function readDevices(c: Context<AppEnv>, deps: Deps): Promise<readonly Device[]> {
  return parseDeviceCookie(deps, readCookie(c, cookieName(deps, "device")));
}

/** Adds an account to those that have signed in with this browser. Signing out does not remove it. */
export async function keepDevice(c: Context<AppEnv>, deps: Deps, device: Device) {
  const value = await formatDeviceCookie(deps, await readDevices(c, deps), device);
  setCookie(c, cookieName(deps, "device"), value, {
    ...cookieOptions(deps),
    maxAge: deviceLifetime,
  });
}

export function clearSession(c: Context<AppEnv>, deps: Deps) {
  setCookie(c, cookieName(deps, "session"), "", { ...cookieOptions(deps), maxAge: 0 });
  if (readCookie(c, browserStateCookie(deps)) === undefined) return;
  setCookie(c, browserStateCookie(deps), "", { ...browserStateOptions(deps), maxAge: 0 });
}

/** The cookie by which the pages of clients notice that the session has changed. */
export function browserStateCookie(deps: Pick<Deps, "config">): string {
  return cookieName(deps, "session_state");
}

/** Sets what scripts may know of the session, unless the browser has it. */
export function keepBrowserState(c: Context<AppEnv>, deps: Deps, sessionId: string) {
  const state = browserState(sessionId);
  if (readCookie(c, browserStateCookie(deps)) === state) return;
  const maxAge = deps.config.lifetimes.sessionMax;
  setCookie(c, browserStateCookie(deps), state, { ...browserStateOptions(deps), maxAge });
}

/** Read by the script of our frame in a page of another site. It is no secret, and opens nothing. */
function browserStateOptions(deps: Deps): CookieOptions {
  const isSecure = isHttps(deps);
  return { path: "/", httpOnly: false, sameSite: isSecure ? "None" : "Lax", secure: isSecure };
}

const secretPattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * The digest of the secret that identifies this browser, to which its interactions are bound. It does
 * not say who is signed in. A browser without a secret gets one with this answer.
 *
 * @param interactionId the interaction of the request, if any: it may have its own cookie
 */
export async function readBrowser(
  c: Context<AppEnv>,
  deps: Deps,
  interactionId?: string | null,
): Promise<string> {
  const own = interactionId ? readCookie(c, interactionCookie(deps, interactionId)) : undefined;
  const known = own ?? readCookie(c, cookieName(deps, "browser"));
  if (known !== undefined && secretPattern.test(known)) return await digest(known);
  const secret = randomSecret(deps.random);
  setCookie(c, cookieName(deps, "browser"), secret, cookieOptions(deps));
  c.set("newBrowser", secret);
  return await digest(secret);
}

/**
 * Gives the first interaction of a new browser its own cookie too. If a new browser opens several tabs
 * at the same moment, each gets a different secret, and the browser keeps the last one. Without their
 * own cookie, the other tabs could not continue.
 */
export function keepBrowser(c: Context<AppEnv>, deps: Deps, interactionId: string) {
  const secret = c.get("newBrowser");
  if (secret === undefined) return;
  const maxAge = deps.config.lifetimes.interaction + carriedLifetime;
  setCookie(c, interactionCookie(deps, interactionId), secret, { ...cookieOptions(deps), maxAge });
}

function interactionCookie(deps: Deps, interactionId: string): string {
  return cookieName(deps, `browser_${recordIdOf(interactionId)}`);
}

/** The language that the user of this browser chose; undefined: none, or an unknown one. */
export function readLanguage(c: Context<AppEnv>, deps: Deps): string | undefined {
  return readCookie(c, cookieName(deps, "language"));
}

export function setLanguage(c: Context<AppEnv>, deps: Deps, language: string) {
  setCookie(c, cookieName(deps, "language"), language, {
    ...cookieOptions(deps),
    maxAge: 365 * 24 * 60 * 60,
  });
}

// Lax: a redirect from a client must bring the session, and a form of another site must not.
export function cookieOptions(deps: Deps): CookieOptions {
  return { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(deps) };
}

/** With this prefix, no other host of the domain and no http page can set the cookie. */
export function cookieName(deps: Pick<Deps, "config">, cookie: string): string {
  return `${isHttps(deps) ? "__Host-" : ""}latchkey_${cookie}`;
}
