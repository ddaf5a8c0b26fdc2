import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import { clientAt, isAt } from "./support/site.ts";
import {
  allow,
  beginAtDemo,
  decoded,
  deny,
  isTold,
  sees,
  signIn,
  signInToDemo,
  signOut,
} from "./support/steps.ts";

journey("who signs in and allows the demo is known to it, by its tokens", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await beginAtDemo(page);
  await sees(page, "Sign in");
  await signIn(page, alice);
  await sees(page, "Allow Demo app?");
  await allow(page);

  await page.waitForURL("/dev/app");
  assertStringIncludes(await page.locator("#demo-person").innerText(), "Alice Adams");
  const idToken = await decoded(page, "id-token");
  const userinfo = await decoded(page, "userinfo");
  assertEquals([idToken.iss, idToken.aud, idToken.amr], [server.issuer, "demo", ["pwd"]]);
  assertEquals([userinfo.sub, userinfo.email], [idToken.sub, "alice@example.com"]);
});

journey("who does not allow it goes back with nothing, and is asked again", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await beginAtDemo(page);
  await signIn(page, alice);
  await deny(page);

  await page.waitForURL("/dev/app");
  await isTold(page, "access_denied");
  await page.locator("#demo-sign-in").click();
  await sees(page, "Allow Demo app?");
});

journey("who is signed in, and has allowed it, comes back without being asked", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop)] });
  const { page } = await world.aPerson(server);
  await page.goto(server.provider.authorizeUrl());
  await signIn(page, alice);
  await allow(page);
  await page.waitForURL(isAt(shop));

  await page.goto(server.provider.authorizeUrl({ parameters: { state: "again" } }));
  assertStringIncludes(page.url(), `${shop.origin}/callback?`);
  assertStringIncludes(page.url(), "state=again");
});

journey("who signs in for a client that asks nothing goes straight to it", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
  const { page } = await world.aPerson(server);
  await page.goto(server.provider.authorizeUrl());
  await signIn(page, alice);
  await page.waitForURL(isAt(shop));
  assertStringIncludes(page.url(), "state=the-state");
});

journey("a wrong password is said once, has the focus, and leads to the field", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await beginAtDemo(page);
  await signIn(page, { ...alice, password: "not hers" });

  const summary = page.getByRole("alert");
  assertStringIncludes(await summary.innerText(), "That username and password do not match");
  assertEquals(await focused(page), "error-summary");
  assertMatch(page.url(), /\/login\?interaction=/);
  assertEquals(await page.locator("#username").inputValue(), "alice");
  assertEquals(await page.locator("#password").inputValue(), "");
  await summary.getByRole("link").click();
  assertEquals(await focused(page), "username");

  await signIn(page, alice);
  await sees(page, "Allow Demo app?");
});

journey("the keyboard alone is enough to sign in", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await beginAtDemo(page);
  assertEquals(await focused(page), "username");
  await page.keyboard.type(alice.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(alice.password);
  await page.keyboard.press("Enter");

  await sees(page, "Allow Demo app?");
  const presses = await tabsUntil(page, "consent-allow");
  assert(presses <= 3, `${presses} times Tab`);
  await page.keyboard.press("Space");
  await page.locator("#demo-person").waitFor();
});

journey("without JavaScript all works: sign-in, consent, refresh, sign-out", async (world) => {
  const { page } = await world.aPerson(await world.aServer(), { javaScript: false });
  await beginAtDemo(page);
  await signIn(page, { ...alice, password: "not hers" });
  await isTold(page, "do not match");
  await signIn(page, alice);
  await allow(page);
  await page.locator("#demo-refresh").click();
  await isTold(page, "Refreshed");
  await page.locator("#demo-sign-out").click();
  await isTold(page, "Signed out of the demo and of the provider");
});

journey("form_post brings the client its response, by a button if need be", async (world) => {
  const posted: FormData[] = [];
  const shop = world.aSite(async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 204 });
    posted.push(await request.formData());
    return new Response("thank you", { headers: { "content-type": "text/plain" } });
  });
  const server = await world.aServer({
    clients: [
      aClient("shop", { redirect_uris: [`${shop.origin}/callback`], skip_consent: true }),
    ],
  });
  const request = server.provider.authorizeUrl({ parameters: { response_mode: "form_post" } });
  for (const javaScript of [true, false]) {
    const { page } = await world.aPerson(server, { javaScript });
    await page.goto(request);
    await signIn(page, alice);
    if (!javaScript) await page.locator("main button").click();
    await page.waitForURL(`${shop.origin}/callback`);
  }
  assertEquals(posted.map((form) => form.get("state")), ["the-state", "the-state"]);
  assert(posted.every((form) => typeof form.get("code") === "string"));
});

journey("who signs out is asked first, and then asked for the password again", async (world) => {
  const server = await world.aServer({ clients: [aClient("shop")] });
  const { page } = await world.aPerson(server);
  await signInToDemo(page, alice);
  await signOut(page);
  await sees(page, "You are signed out");

  await page.goto(server.provider.authorizeUrl());
  await sees(page, "Sign in");
});

journey("signing out at the demo ends the session at the provider too", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await signInToDemo(page, alice);
  await page.locator("#demo-sign-out").click();
  await isTold(page, "Signed out of the demo and of the provider");
  await page.goto("/logout");
  await sees(page, "You are signed out");
});

/** The id of the element that has the focus. */
async function focused(page: Page): Promise<string> {
  await page.waitForLoadState(); // a page that has just begun has no element yet
  return await page.evaluate("document.activeElement.id");
}

/** How often Tab has to be pressed. */
async function tabsUntil(page: Page, id: string): Promise<number> {
  for (let presses = 0; presses < 20; presses++) {
    if (await focused(page) === id) return presses;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${id}`);
}
