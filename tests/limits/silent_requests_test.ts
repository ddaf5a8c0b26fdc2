import { assertEquals } from "@std/assert";
import { ask, outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";
import { testWeb } from "../support/web.ts";

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

Deno.test("a prompt in the URL, beside the real request, takes no request out of the strangers' limit", async () => {
  const limits = { ...defaultConfig.limits, strangers: { count: 3, seconds: 60 } };
  const key = await aClientKey();
  const shop = aClient("shop", {
    jwks: { keys: [key.publicJwk] },
    request_uris: ["https://shop.example/object"],
  });
  await using provider = await aProvider({
    clients: [shop],
    config: { rateLimits: true, limits },
    transport: testWeb(),
  });
  const outcomes = async (ask: (n: number) => Promise<string>) => {
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) {
      const answer = await provider.request(await ask(n), { address: `198.51.100.${n}` });
      await answer.body?.cancel();
      statuses.push(answer.status);
    }
    provider.clock.advance(61);
    return statuses;
  };
  const url = (parameters: Record<string, string>) =>
    `/authorize?${new URLSearchParams({ client_id: "shop", prompt: "none", ...parameters })}`;
  const signed = (n: number) => signedObject(provider, key, { claims: { jti: `${n}` } });
  const pushed = async () => {
    const answer = await provider.post("/par", {
      ...Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1])),
      ...provider.credentials(),
    });
    const { request_uri } = await answer.json();
    return request_uri;
  };
  const limited = [303, 303, 303, 429, 429];
  const rows: [what: string, ask: (n: number) => Promise<string>, statuses: number[]][] = [
    ["request", async (n) => url({ request: await signed(n) }), limited],
    [
      "request, encoded",
      async (n) => url({ request: await signed(n) }).replace("st=", "s%74="),
      limited,
    ],
    ["request_uri of a push", async () => url({ request_uri: await pushed() }), limited],
    [
      "a second prompt",
      () => Promise.resolve(`${provider.authorizeUrl()}&prompt=login&prompt=none`),
      limited,
    ],
    [
      "another parameter's end",
      () => Promise.resolve(`${provider.authorizeUrl()}&x=1?prompt=none`),
      limited,
    ],
    [
      "silent indeed",
      () => Promise.resolve(provider.authorizeUrl({ parameters: { prompt: "none" } })),
      [303, 303, 303, 303, 303],
    ],
  ];
  for (const [what, ask, statuses] of rows) assertEquals(await outcomes(ask), statuses, what);
});
