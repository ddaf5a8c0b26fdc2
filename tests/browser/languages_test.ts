import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import { allow, beginAtDemo, forgetPassword, sees, signIn } from "./support/steps.ts";

const shop = aClient("shop", { redirect_uris: ["http://127.0.0.1:3000/callback"] });

journey("a browser that prefers German gets German pages, and German mail", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server, { language: "de-AT" });
  await beginAtDemo(page);
  assertEquals(await page.locator("html").getAttribute("lang"), "de");
  await sees(page, "Anmelden");
  await signIn(page, alice);
  await sees(page, "Demo app erlauben?");
  await allow(page);
  await page.locator("#demo-person").waitFor();

  await forgetPassword(page, alice.username);
  await page.goto("/dev/mail");
  assertEquals(await page.locator("html").getAttribute("lang"), "de");
});

journey("ui_locales of the client come before what the browser prefers", async (world) => {
  const server = await world.aServer({ clients: [shop] });
  const { page } = await world.aPerson(server, { language: "en-GB" });
  await page.goto(server.provider.authorizeUrl({ parameters: { ui_locales: "fr de-CH en" } }));
  await sees(page, "Anmelden");
  await signIn(page, { ...alice, password: "not hers" });
  assertEquals(await page.locator("html").getAttribute("lang"), "de");
  await signIn(page, alice);
  assertEquals(await page.locator("html").getAttribute("lang"), "de");
});

journey("a page is dark for who prefers it dark, and light for others", async (world) => {
  const server = await world.aServer();
  const grounds: number[] = [];
  for (const dark of [false, true]) {
    const { page } = await world.aPerson(server, { dark });
    await page.goto("/");
    const colour: string = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    grounds.push(Math.max(...colour.matchAll(/\d+/g).map(Number)));
  }
  const [light = 0, dark = 255] = grounds;
  assertEquals([light > 200, dark < 50], [true, true], `light ${light}, dark ${dark}`);
});
