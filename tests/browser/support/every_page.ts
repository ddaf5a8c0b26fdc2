import { assertEquals } from "@std/assert";
import { assertAccessible, assertFitsPhone, assertSmall } from "./checks.ts";
import { journey, type World } from "./journey.ts";
import type { ReachablePage, ReachablePages } from "../pages/page.ts";
import type { PersonOptions } from "./person.ts";

/** One test for each page. Two files call it, so that they go on beside each other. */
export function looksAt(pages: ReachablePages) {
  for (const [name, reachable] of Object.entries(pages)) {
    journey(`the page ${name} is accessible, small, and fits a phone`, async (world) => {
      const page = await opened(world, reachable);
      await assertSmall(page, reachable.bytesLimit);
      await assertAccessible(page);
      await assertFitsPhone(page);
      // Where words are longer.
      const german = await opened(world, reachable, { language: "de" });
      assertEquals(await german.locator("html").getAttribute("lang"), "de");
      await assertFitsPhone(german);
    });
  }
}

async function opened(world: World, { server, person, open }: ReachablePage, more?: PersonOptions) {
  const place = await world.aServer(server);
  const at = await world.aPerson(place, { ...person, ...more });
  await open({ ...at, server: place });
  return at.page;
}
