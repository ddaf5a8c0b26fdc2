import { assertEquals } from "@std/assert";
import { ask, outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("beyond the limit, a silent request gets an error redirect, and any other gets a page", async () => {
  const limits = { ...defaultConfig.limits, authorize: { count: 3, seconds: 60 } };
  await using provider = await aProvider({
    clients: [aClient("shop")],
    config: { rateLimits: true, limits },
  });
  const browser = await signedInBrowser(provider);
  const silent = { prompt: "none" };
  for (let n = 0; n < 2; n++) {
    assertEquals(outcomeOf(await ask(provider, { browser, parameters: silent })), "code");
  }
  const refused = await ask(provider, { browser, parameters: silent });
  assertEquals(outcomeOf(refused), "error temporarily_unavailable");
  const { state, iss } = toldTo(refused);
  assertEquals([state, iss], ["the-state", "https://op.example"]);

  const pushed = await provider.post("/par", {
    ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
    ...silent,
    ...provider.credentials(),
  });
  const { request_uri } = await pushed.json();
  const short = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
  assertEquals(outcomeOf(await browser.open(short)), "error temporarily_unavailable");

  const shown: [string, string][] = [
    ["with no prompt", provider.authorizeUrl()],
    ["of an unknown client", "/authorize?client_id=stranger&prompt=none"],
    ["without a client", "/authorize?prompt=none"],
    [
      "to another redirect URI",
      provider.authorizeUrl({ parameters: { ...silent, redirect_uri: "https://evil.example" } }),
    ],
    ["with two clients", `${provider.authorizeUrl({ parameters: silent })}&client_id=shop`],
  ];
  for (const [what, url] of shown) {
    const { response, url: at } = await browser.open(url);
    assertEquals([response.status, at.pathname], [429, "/authorize"], what);
    assertEquals(Number(response.headers.get("retry-after")) > 0, true, what);
  }
});
