import { assert } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible, assertFitsPhone, assertSmall } from "./checks.ts";
import { journey, type World } from "./journey.ts";
import type { ReachablePage, ReachablePages } from "../pages/page.ts";
import type { Person, PersonOptions } from "./person.ts";

/** One test for each page. Two files call it, so that they go on beside each other. */
export function looksAt(pages: ReachablePages) {
  for (const [name, reachable] of Object.entries(pages)) {
    journey(`the page ${name} is accessible, small, and fits a phone`, async (world) => {
      const english = await opened(world, reachable);
      await assertSmall(english.page, reachable.bytesLimit);
      await assertAccessible(english.page);
      await assertFitsPhone(english.page);
      // Where words are longer.
      await assertFitsPhone(await inGerman(world, reachable, english));
    });
  }
}

async function opened(world: World, { server, person, open }: ReachablePage, more?: PersonOptions) {
  const place = await world.aServer(server);
  const at = await world.aPerson(place, { ...person, ...more });
  await open({ ...at, server: place });
  return at;
}

/** The same page in German. Where a reload does not show it again, somebody else goes the whole way. */
async function inGerman(world: World, reachable: ReachablePage, person: Person): Promise<Page> {
  if (!reachable.leavesByItself && await isShownInGerman(person)) return person.page;
  const { page } = await opened(world, reachable, { language: "de" });
  assert(await isGerman(page));
  return page;
}

/** Reloads the page in a browser that prefers German from now on. */
async function isShownInGerman({ page, context }: Person): Promise<boolean> {
  const before = await elementsOf(page);
  const devtools = await context.newCDPSession(page);
  const userAgent = await page.evaluate<string>("navigator.userAgent");
  await devtools.send("Emulation.setUserAgentOverride", { userAgent, acceptLanguage: "de" });
  await page.reload();
  return await isGerman(page) && await elementsOf(page) === before;
}

async function isGerman(page: Page): Promise<boolean> {
  return await page.locator("html").getAttribute("lang") === "de";
}

/** What a page consists of, in any language. */
function elementsOf(page: Page): Promise<string> {
  return page.evaluate(`Array.from(
    document.querySelectorAll("main *"),
    ({ tagName, id, className, name }) => [tagName, id, className, name].join(),
  ).join(" ")`);
}
