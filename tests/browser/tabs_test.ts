import { assertStringIncludes } from "@std/assert";
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
  "a tab that waits at the sign-in page goes on by itself after a sign-in in another",
  async (world) => {
    const server = await world.aServer();
    const { page: first, newTab } = await world.aPerson(server);
    const second = await newTab();
    await beginAtDemo(first);
    await beginAtDemo(second);
    await signIn(first, alice);
    await sees(first, "Allow Demo app?");
    await second.bringToFront();
    await second.evaluate(`dispatchEvent(new Event("focus"))`);
    await sees(second, "Allow Demo app?");
  },
);
