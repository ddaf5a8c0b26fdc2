import type { Page } from "playwright-core";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { journey } from "./support/journey.ts";
import { alice, bob } from "./support/server.ts";
import { clientAt, isAt } from "./support/site.ts";
import { allow, beginAtDemo, reads, sees, signIn } from "./support/steps.ts";

journey("two tabs with two clients are two sign-ins, each with its own end", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({
    clients: [clientAt(shop)],
  });
  const { page: first, newTab } = await world.aPerson(server);
  const second = await newTab();
  await beginAtDemo(first);
  await second.goto(server.provider.authorizeUrl({ client: "shop" }));
  await reads(first, "Demo app");
  await reads(second, "The shop");

  await signIn(first, alice);
  await sees(first, "Allow Demo app?");
  await signIn(second, alice);
  await sees(second, "Allow The shop?");
  await allow(second);
  await second.waitForURL(isAt(shop));
  assertStringIncludes(second.url(), "state=the-state");
  assertStringIncludes(second.url(), "code=");
  await allow(first);
  assertStringIncludes(await first.locator("#demo-person").innerText(), "Alice Adams");
});

journey("of two people in two tabs the last one answers, for himself alone", async (world) => {
  const server = await world.aServer({ clients: [aClient("shop")] });
  const { page: hers, newTab } = await world.aPerson(server);
  const his = await newTab();
  await beginAtDemo(hers);
  await his.goto(server.provider.authorizeUrl({ client: "shop" }));
  await signIn(hers, alice);
  await signIn(his, bob);
  await reads(his, "Bob Baumann");

  await allow(hers);
  await reads(hers, "Bob Baumann");
});

journey(
  "tabs that wait for a sign-in go on by themselves after one in another tab",
  async (world) => {
    const server = await world.aServer({ config: { signUp: "open" } });
    const { page: first, newTab } = await world.aPerson(server);
    await beginAtDemo(first);
    const tabs = ["/login", "/login/help", "/magic-link", "/sign-up", "/password-reset", "sent"];
    const waiting: Page[] = [];
    for (const path of tabs) {
      const tab = await newTab();
      await beginAtDemo(tab);
      const { search } = new URL(tab.url());
      await tab.goto(`${path === "sent" ? "/magic-link" : path}${search}`);
      if (path === "sent") {
        await tab.locator("#email").fill("somebody@example.com");
        await tab.locator("#email-code-submit").click();
        await tab.waitForURL(/\/magic-link\/sent/);
      }
      waiting.push(tab);
    }
    await signIn(first, alice);
    await sees(first, "Allow Demo app?");
    for (const tab of waiting) {
      await tab.bringToFront();
      await tab.evaluate(`dispatchEvent(new Event("focus"))`);
      await sees(tab, "Allow Demo app?");
    }
  },
);

journey(
  "without JavaScript, a form that waited while another tab signed in leads to the application",
  async (world) => {
    const shop = world.aSite();
    const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
    const { page: first, newTab } = await world.aPerson(server, { javaScript: false });
    await first.goto(server.provider.authorizeUrl());
    const waiting = await newTab();
    await waiting.goto(server.provider.authorizeUrl());
    await waiting.goto(`/magic-link${new URL(waiting.url()).search}`);
    await signIn(first, alice);
    await first.waitForURL(isAt(shop));
    await waiting.locator("#email").fill("alice@example.com");
    await waiting.locator("#magic-link-submit").click();
    await waiting.waitForURL(isAt(shop));
    assertStringIncludes(waiting.url(), "code=");
  },
);

journey(
  "a sign-in page that stayed open for hours still leads to the application",
  async (world) => {
    const shop = world.aSite();
    const server = await world.aServer({ clients: [clientAt(shop)] });
    const { page, newTab } = await world.aPerson(server);
    await page.goto(server.provider.authorizeUrl());
    const other = await newTab();
    await other.goto(page.url());
    server.provider.clock.advance(4 * 60 * 60);
    await other.reload(); // shown again
    await sees(other, "Sign in");
    server.provider.clock.advance(4 * 60 * 60);
    await signIn(page, alice); // the form as it was opened
    await sees(page, "Allow The shop?");
    await allow(page);
    await page.waitForURL(isAt(shop));
    assertStringIncludes(page.url(), "code=");
  },
);

journey("a reload after an account form that was rejected sends nothing again", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await page.goto("/account/profile");
  await signIn(page, alice);
  await page.locator("#website").fill("no address");
  await page.locator("#profile-submit").click();
  await page.getByRole("alert").waitFor();
  assertEquals(await page.locator("#website").inputValue(), "no address");
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await page.reload();
  await page.locator("#profile-submit").waitFor();
  assertEquals([await page.getByRole("alert").count(), posts.length], [0, 0]);
});
