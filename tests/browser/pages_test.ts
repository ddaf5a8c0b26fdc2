import { assertEquals } from "@std/assert";
import { everyPage } from "./pages/every.ts";
import type { ReachablePage } from "./pages/page.ts";
import { assertAccessible, assertFitsPhone, assertSmall } from "./support/checks.ts";
import { journey, type World } from "./support/journey.ts";
import type { PersonOptions } from "./support/person.ts";

for (const [name, reachable] of Object.entries(everyPage)) {
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

async function opened(world: World, { server, person, open }: ReachablePage, more?: PersonOptions) {
  const place = await world.aServer(server);
  const at = await world.aPerson(place, { ...person, ...more });
  await open({ ...at, server: place });
  return at.page;
}
