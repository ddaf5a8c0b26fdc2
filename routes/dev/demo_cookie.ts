import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import * as demoSessions from "../../stores/demo_sessions.ts";
import { randomSecret } from "../../src/crypto/random.ts";
import type { Visit } from "../../src/demo/demo.ts";
import { demoPath } from "../../src/demo/relying_party.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "../http/context.ts";
import { isHttps } from "../http/fixed_headers.ts";

const cookie = "latchkey_demo";
const secretPattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * Identifies a visit of the demo. The demo has its own cookie, because a client has no access to the
 * provider's cookies.
 */
export async function readVisit(c: Context<AppEnv>, deps: Deps): Promise<Visit> {
  const origin = c.get("origin");
  const known = getCookie(c, cookie);
  if (known !== undefined && secretPattern.test(known)) {
    return { origin, at: await demoSessions.ref(known) };
  }
  const secret = randomSecret(deps.random);
  setCookie(c, cookie, secret, {
    path: demoPath,
    httpOnly: true,
    sameSite: "Lax", // the redirect from the provider may come from another site
    secure: isHttps(deps),
  });
  return { origin, at: await demoSessions.ref(secret) };
}
