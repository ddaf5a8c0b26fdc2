import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wingsOf } from "../../routes/browser_app.ts";
import { ask, isSignedIn, sessionCookie } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { changes } from "../support/harmless.ts";
import { snapshot } from "../support/records.ts";
import { signIn } from "../support/tokens.ts";

const ahead: readonly RequestInit[] = [
  { method: "HEAD" },
  { headers: { "sec-purpose": "prefetch" } },
  { headers: { "sec-purpose": "prefetch;prerender" } },
  { headers: { "purpose": "prefetch" } },
  { headers: { "x-moz": "prefetch" } },
  { headers: { "x-purpose": "preview" } },
  { method: "HEAD", headers: { "sec-purpose": "prefetch" } },
];

/** A browser in the middle of everything, and a query that would lead on at every path. */
async function aBusyBrowser() {
  const shop = aClient("shop", { skip_consent: true, web_origins: ["https://shop.example"] });
  const provider = await aProvider({ clients: [shop], config: { environment: "development" } });
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  const pending = await ask(provider, { browser, parameters: { prompt: "login" } });
  const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
  query.set("interaction", pending.url.searchParams.get("interaction") ?? "");
  query.set("id_token_hint", id_token);
  query.set("post_logout_redirect_uri", "https://shop.example/bye");
  query.set("origin", "https://shop.example");
  query.set("token", "A".repeat(43));
  query.set("set_language", "de");
  provider.clock.advance(120); // so that a session in use would be extended
  return { provider, browser, query };
}

Deno.test("HEAD requests and prefetches change nothing at any route", async () => {
  const { provider, browser, query } = await aBusyBrowser();
  await using _ = provider;
  const paths = wingsOf(provider.deps).flatMap(({ endpoints }) => endpoints)
    .filter(({ methods, kind }) => methods.includes("GET") && kind !== "api")
    // Whoever asks whether the store takes a write wants one to be tried.
    .filter(({ path }) => path !== "/readyz")
    .map(({ path }) => path.replaceAll(/:\w+(\{[^}]*\})?/g, "shop"));
  assert(paths.length > 30, `${paths.length} paths`);
  const cookie = sessionCookie(browser);
  const cookies = new Map(browser.cookies);
  const before = await snapshot(provider.backend);
  for (const path of [...new Set(paths), "/nowhere"]) {
    for (const init of ahead) {
      const response = await browser.send(`${path}?${query}`, init);
      const label = `${path} ${JSON.stringify(init)} ${response.status}`;
      assertEquals(response.headers.getSetCookie(), [], label);
      // The change-password address always leads to one page; nothing else leads on.
      const leadsOn = path === "/.well-known/change-password";
      assertEquals(response.headers.has("location"), leadsOn, label);
      await response.body?.cancel();
      assertEquals(changes(before, await snapshot(provider.backend)), [], label);
    }
  }
  assertEquals(new Map(browser.cookies), cookies);
  assertEquals(await isSignedIn(provider, cookie), true);

  const { url } = await browser.open(`/logout?${query}`);
  assertEquals(url.href.startsWith("https://shop.example/bye"), true, "a click does sign out");
});

Deno.test("the answer to a prefetch is not cached, and says what to do", async () => {
  const { provider, browser, query } = await aBusyBrowser();
  await using _ = provider;
  const response = await browser.send(`/authorize?${query}`, {
    headers: { "sec-purpose": "prefetch" },
  });
  assertEquals([response.status, response.headers.get("cache-control")], [403, "no-store"]);
  assertStringIncludes(await response.text(), "Reload");
});
