import { nextFreePort } from "../../development.ts";
import { everyPage } from "./pages/every.ts";
import type { ReachablePage } from "./pages/page.ts";
import { launchChromium } from "./support/chromium.ts";
import { withWorld } from "./support/journey.ts";
import type { PersonOptions } from "./support/person.ts";
import { readPng, smallPng } from "./support/small_png.ts";

// A program of its own: `deno task screenshots [NAME...]` takes pictures of every page, or of those that are
// named. They go to .latchkey/screenshots, which git ignores; those that the documents show are also
// written anew in docs/screenshots.

const directory = new URL("../../.latchkey/screenshots/", import.meta.url);
const shownInDocuments = new URL("../../docs/screenshots/", import.meta.url);
const desk = { width: 960, height: 600 };
const phone = { width: 360, height: 640 };

/** What is added to a page's name, and how it is looked at. */
const views: Readonly<Record<string, PersonOptions>> = {
  "": { window: desk },
  "-dark": { window: desk, dark: true },
  "-phone": { window: phone },
};

/** One page more, for the README. */
const phoneInTheDark = "account-passkeys";

/** A page may be higher than its window; what nobody scrolls to is not worth the bytes. */
const highest = 1200;

const wanted = new Set(Deno.args);
await Deno.mkdir(directory, { recursive: true });
const browser = await launchChromium();
const darkroom = await browser.newPage();
try {
  for (const [name, page] of Object.entries(everyPage)) {
    if (wanted.size > 0 && !wanted.has(name)) continue;
    for (const [suffix, view] of Object.entries(views)) {
      await photograph(page, view, `${name}${suffix}.png`);
    }
    if (name === phoneInTheDark) {
      const view = { window: phone, dark: true };
      await photograph(page, view, `${name}-phone-dark.png`);
    }
  }
} finally {
  await browser.close();
}

async function photograph(
  { server, person, open }: ReachablePage,
  view: PersonOptions,
  file: string,
) {
  await withWorld(browser, async (world) => {
    // The usual port, as pages show it.
    const port = nextFreePort("127.0.0.1", 8000);
    const place = await world.aServer({ ...server, port });
    const at = await world.aPerson(place, { ...person, ...view });
    await open({ ...at, server: place });
    const { width } = view.window ?? desk;
    const height: number = await at.page.evaluate("document.documentElement.scrollHeight");
    await at.page.setViewportSize({ width, height: Math.min(height, highest) });
    await at.page.evaluate("document.activeElement.blur()"); // a caret blinks
    const taken = await at.page.screenshot({ scale: "css", animations: "disabled" });
    const png = smallPng(await readPng(darkroom, taken));
    await Deno.writeFile(new URL(file, directory), png);
    if (await exists(new URL(file, shownInDocuments))) {
      await Deno.writeFile(new URL(file, shownInDocuments), png);
    }
    console.log(`${file}  ${Math.ceil(png.length / 1024)} KB`);
  });
}

function exists(file: URL): Promise<boolean> {
  return Deno.stat(file).then(() => true, () => false);
}
