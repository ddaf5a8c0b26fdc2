import { assertEquals } from "@std/assert";
import type { Browser } from "../../support/browser.ts";
import { signedInBrowser } from "../../support/authorization.ts";
import { aClient } from "../../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../../support/provider.ts";
import { auditTrail, editUser } from "../../support/records.ts";
import { answerOf } from "../../support/tokens.ts";

const page = "https://shop.op.example";
const shop = aClient("shop", { web_origins: [page] });
const stranger = aClient("stranger", { web_origins: ["https://stranger.example"] });

function status(
  browser: Browser,
  { clientId, origin }: { clientId?: string; origin?: string } = {},
) {
  const query = clientId === undefined ? "" : `?client_id=${clientId}`;
  return browser.send(`/session${query}`, origin === undefined ? {} : { headers: { origin } });
}

function extend(browser: Browser, { clientId = "", origin = issuer } = {}) {
  const body = new URLSearchParams({ client_id: clientId });
  return browser.send("/session/extend", { method: "POST", body, headers: { origin } });
}

function corsOf({ headers }: Response) {
  return [
    headers.get("access-control-allow-origin"),
    headers.get("access-control-allow-credentials"),
  ];
}

async function expiry(browser: Browser): Promise<number> {
  return (await (await status(browser)).json()).expires_at;
}

Deno.test("a browser learns whether it is signed in, and our pages learn the user", async () => {
  await using provider = await aProvider();
  const nobody = await status(provider.browser());
  assertEquals(nobody.headers.get("cache-control"), "no-store");
  assertEquals(await nobody.json(), { signed_in: false });

  const browser = await signedInBrowser(provider);
  const start = provider.clock.seconds();
  const { sub, ...told } = await (await status(browser)).json();
  assertEquals(told, {
    signed_in: true,
    auth_time: start,
    acr: "urn:latchkey:acr:1fa",
    amr: ["pwd"],
    expires_at: start + 86_400,
    ends_at: start + 7 * 86_400,
  });
  assertEquals(typeof sub, "string");
  await editUser(provider, "alice", { sessionEpoch: 2 });
  assertEquals(await (await status(browser)).json(), { signed_in: false });
});

Deno.test("a page of a client's web_origins may read the status, any other may not", async () => {
  await using provider = await aProvider({ clients: [shop, stranger] });
  const browser = await signedInBrowser(provider);
  const own = await status(browser, { clientId: "shop", origin: page });
  assertEquals(corsOf(own), [page, "true"]);
  assertEquals(own.headers.get("vary"), "Origin");
  assertEquals(typeof (await own.json()).sub, "string");

  const refused: { clientId?: string; origin: string }[] = [
    { origin: page },
    { clientId: "nobody", origin: page },
    { clientId: "stranger", origin: page },
    { clientId: "shop", origin: "https://shop.op.example:8443" },
    { clientId: "shop", origin: "http://shop.op.example" },
    { clientId: "shop", origin: "https://SHOP.op.example" },
    { clientId: "shop", origin: "null" },
    { clientId: "x".repeat(300), origin: page },
  ];
  for (const request of refused) {
    const response = await status(browser, request);
    assertEquals(corsOf(response), [null, null], JSON.stringify(request));
    assertEquals(await answerOf(response), "403 invalid_request");
  }
});

Deno.test("a client without consent learns no more than from prompt=none", async () => {
  await using provider = await aProvider({ clients: [shop, stranger] });
  const browser = await signedInBrowser(provider);
  const response = await status(browser, {
    clientId: "stranger",
    origin: "https://stranger.example",
  });
  const { signed_in, sub } = await response.json();
  assertEquals([signed_in, sub], [true, undefined]);
});

Deno.test("asking does not extend a session, extending does, up to the absolute end", async () => {
  await using provider = await aProvider();
  const { clock } = provider;
  const browser = await signedInBrowser(provider);
  const start = clock.seconds();
  const end = start + 7 * 86_400;
  clock.advance(80_000);
  assertEquals(await expiry(browser), start + 86_400);

  const extended = await extend(browser);
  assertEquals((await extended.json()).expires_at, start + 80_000 + 86_400);
  assertEquals(await expiry(browser), start + 80_000 + 86_400);
  while (clock.seconds() < end - 80_000) {
    clock.advance(80_000);
    assertEquals((await (await extend(browser)).json()).signed_in, true);
  }
  assertEquals(await expiry(browser), end);
  clock.advance(end - clock.seconds());
  assertEquals(await (await extend(browser)).json(), { signed_in: false });
});

Deno.test("a session that was idle too long ends, and an extension comes too late", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  provider.clock.advance(86_400);
  assertEquals(await (await extend(browser)).json(), { signed_in: false });
});

Deno.test("each extension leaves an audit event, and concurrent ones leave one", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  provider.clock.advance(3600);
  const answers = await Promise.all(Array.from({ length: 20 }, () => extend(browser)));
  for (const answer of answers) assertEquals((await answer.json()).signed_in, true);
  assertEquals(await extensions(provider), 1);
});

Deno.test("only our pages and those of a client extend a session", async () => {
  await using provider = await aProvider({ clients: [shop, stranger] });
  const browser = await signedInBrowser(provider);
  provider.clock.advance(3600);
  const refused = [
    { origin: "https://evil.example" },
    { clientId: "shop", origin: "https://evil.example" },
    { clientId: "stranger", origin: page },
    { origin: page },
  ];
  for (const request of refused) {
    assertEquals(await answerOf(await extend(browser, request)), "403 invalid_request");
  }
  assertEquals(await extensions(provider), 0);
  const response = await extend(browser, { clientId: "shop", origin: page });
  assertEquals(corsOf(response), [page, "true"]);
  assertEquals((await response.json()).signed_in, true);
  assertEquals(await extensions(provider), 1);
});

async function extensions(provider: TestProvider): Promise<number> {
  return (await auditTrail(provider)).filter(({ type }) => type === "session_extended").length;
}
