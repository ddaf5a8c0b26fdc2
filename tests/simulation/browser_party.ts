import type { Session } from "../../stores/sessions.ts";
import { type Browser, newBrowser } from "../support/browser.ts";
import { issuer } from "./installation.ts";
import { digestOf, isSessionAlive } from "./tokens.ts";
import { type Party, party, type World } from "./world.ts";

/** A browser that somebody uses, and what is certain about its session. */
export interface UsedBrowser {
  readonly party: Party;
  readonly browser: Browser;
  /** The id of the session in the cookie; null without one. */
  sessionId(): string | null;
  /** The number of sign-in attempts, and of those without an answer yet. */
  readonly signIns: { sent: number; open: number };
  /**
   * Whether the cookie is that of the last sign-in: after one that was not answered, or two at once,
   * it may be an older one, which opens nothing.
   */
  isCertain: boolean;
  /** Whether the session that the cookie names is there and takes this very cookie. */
  isCurrent(): boolean;
}

/** Paths where a POST may sign a user in. */
const signInPaths = [
  "/login",
  "/login/passkey",
  "/login/second-factor",
  "/magic-link/code",
  "/magic-link/confirm",
  "/sign-up/confirm",
];
/** Paths where a POST gives the existing session a new cookie. */
const renewalPath = "/account/security/authenticator-app";

const cookieName = "__Host-latchkey_session";

export function usedBrowser(world: World, name: string): UsedBrowser {
  const self = party(world, name);
  const signIns = { sent: 0, open: 0 };
  const browser = newBrowser(async (path, init) => {
    const [pathname = ""] = path.split("?");
    if (init?.method === "POST" && [...signInPaths, renewalPath].includes(pathname)) {
      return await withNewCookie(pathname, () => self.send(path, init));
    }
    return await self.send(path, init);
  }, issuer);
  const sessionId = () => browser.cookies.get(cookieName)?.split(".")[1] ?? null;

  const used: UsedBrowser = {
    party: self,
    browser,
    sessionId,
    signIns,
    isCertain: true,
    isCurrent() {
      const session = world.history.find<Session>("sessions", sessionId() ?? "");
      if (!isSessionAlive(world.history, sessionId() ?? "")) return false;
      return session?.secretDigest === digestOf(browser.cookies.get(cookieName) ?? "");
    },
  };
  return used;

  async function withNewCookie(path: string, send: () => Promise<Response>): Promise<Response> {
    const before = sessionId();
    // A sign-in as another user ends the existing session.
    if (before !== null && path !== renewalPath) {
      world.eventLog.askedToEnd.add(`session ${before}`);
    }
    const nth = ++signIns.sent;
    const isAlone = signIns.open++ === 0;
    let isAnswered = false;
    try {
      const response = await send();
      const set = response.headers.getSetCookie().some((line) => line.startsWith(cookieName));
      isAnswered = set && isAlone && nth === signIns.sent;
      if (!set && response.status !== 503) isAnswered = used.isCertain; // nothing was changed
      return response;
    } finally {
      signIns.open--;
      used.isCertain = isAnswered;
    }
  }
}
