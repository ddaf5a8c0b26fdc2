import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import {
  ask,
  bob,
  sessionCookie,
  signedInBrowser,
  signInAgain,
  toldTo,
} from "../support/authorization.ts";
import { people } from "../support/account.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { introspect, signIn } from "../support/tokens.ts";

const stateCookie = "__Host-latchkey_session_state";
const clients = [
  aClient("shop"),
  aClient("desk"),
  aClient("phone", {
    application_type: "native",
    redirect_uris: ["com.example.phone:/callback"],
  }),
];

async function stateFor(provider: TestProvider, browser: Browser, client = "shop", scope?: string) {
  const parameters = scope === undefined ? {} : { scope };
  const landing = await ask(provider, { browser, client, parameters });
  return toldTo(landing).session_state;
}

/** What the frame answers to a page of the client. @see OpenID Connect Session Management section 3.2 */
function verdict(browser: Browser, state: string | undefined, client = "shop"): string {
  const [hash, salt] = state?.split(".") ?? [];
  const browserState = browser.cookies.get(stateCookie) ?? "";
  const text = `${client} https://${client}.example ${browserState} ${salt}`;
  const found = createHash("sha256").update(text).digest("base64url");
  return found === hash ? "unchanged" : "changed";
}

Deno.test("the session_state of a response fits the browser's state until the session there is another one", async () => {
  await using provider = await aProvider({ clients, users: people });
  const browser = await signedInBrowser(provider);
  const state = await stateFor(provider, browser);
  assertEquals(verdict(browser, state), "unchanged");
  // Each client has its own, and each response.
  await signIn(provider, { browser, client: "desk" });
  const desk = await stateFor(provider, browser, "desk");
  assertEquals([verdict(browser, desk, "desk"), verdict(browser, desk)], ["unchanged", "changed"]);
  assertNotEquals(await stateFor(provider, browser), state);
  // The same person signs in again: it is the same session.
  await signInAgain(provider, browser);
  assertEquals(verdict(browser, state), "unchanged");

  await signInAgain(provider, browser, bob);
  assertEquals(verdict(browser, state), "changed");
  const bobs = await stateFor(provider, browser);
  await browser.submit(await browser.open("/logout"), {});
  assertEquals(browser.cookies.get(stateCookie), undefined);
  assertEquals([verdict(browser, state), verdict(browser, bobs)], ["changed", "changed"]);
  await signedInBrowser(provider, { browser });
  assertEquals(verdict(browser, state), "changed");
});

Deno.test("only clients with openid and pages get a session_state, and errors have none", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  await signIn(provider, { browser, parameters: { scope: "email" } });
  assertEquals(await stateFor(provider, browser, "shop", "email"), undefined);
  await provider.authorize({ browser, client: "phone" });
  assertEquals(await stateFor(provider, browser, "phone"), undefined);
  const refused = await ask(provider, { parameters: { prompt: "none" } });
  assertEquals("session_state" in toldTo(refused), false);
});

Deno.test("the browser's state opens nothing, and a browser that has lost it gets it with the next response", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  const { response } = await ask(provider, { browser });
  assertEquals(response.headers.get("set-cookie"), null, "it has the cookie");
  const state = browser.cookies.get(stateCookie) ?? "";
  const [, sessionId = "", secret = ""] = (sessionCookie(browser) ?? "").split(".");
  assert(!state.includes(sessionId) && !state.includes(secret));
  const thief = provider.browser();
  thief.cookies.set(stateCookie, state);
  thief.cookies.set("__Host-latchkey_session", state);
  assertEquals((await thief.open("/account")).url.pathname, "/login");
  assertEquals((await introspect(provider, state)).active, false);

  browser.cookies.delete(stateCookie);
  const landing = await ask(provider, { browser });
  const [cookie = ""] = landing.response.headers.getSetCookie();
  assertMatch(cookie, /^__Host-latchkey_session_state=[\w-]{43}; /);
  for (const attribute of ["Path=/", "Secure", "SameSite=None"]) {
    assert(cookie.includes(attribute), cookie);
  }
  assertEquals(cookie.includes("HttpOnly"), false);
  assertEquals(verdict(browser, toldTo(landing).session_state), "unchanged");
});

Deno.test("the frame may be shown by any page, runs only its own script, and knows nobody", async () => {
  await using provider = await aProvider({ clients });
  const browser = await signedInBrowser(provider);
  const { response, body } = await browser.open("/session/check");
  const policy = response.headers.get("content-security-policy") ?? "";
  const [, script = ""] = /<script>([\s\S]*)<\/script>/.exec(body) ?? [];
  const hash = createHash("sha256").update(script).digest("base64");
  assertEquals(
    policy,
    `default-src 'none'; base-uri 'none'; frame-ancestors *; script-src 'sha256-${hash}'`,
  );
  assertEquals(response.headers.get("x-frame-options"), null);
  assertEquals(response.headers.get("cache-control"), "public, max-age=3600");
  assertEquals(await (await provider.request("/session/check")).text(), body);
  assert(body.includes(`data-cookie="${stateCookie}"`));
});
