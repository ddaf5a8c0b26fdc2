import { assert, assertEquals } from "@std/assert";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** WCAG 2.2 AA is all of these. */
const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Asserts that axe finds nothing wrong with the page as it is, in light and in dark. */
export async function assertAccessible(page: Page) {
  const { default: axe } = await import("axe-core");
  await page.evaluate(axe.source); // which takes longer than all of its rules
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assertEquals(await violations(page), [], `in ${colorScheme}, at ${page.url()}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

async function violations(page: Page): Promise<string[]> {
  const found: AxeResults["violations"] = await page.evaluate(`(async () => {
    const { violations } = await axe.run(document, ${JSON.stringify({ runOnly: wcag })});
    return violations;
  })()`);
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html}\n${node.failureSummary ?? ""}`)
  );
}

/**
 * Asserts that nothing sticks out of a window of 320 CSS pixels, and that no word of a heading or a button
 * is broken without a hyphen. @see WCAG 2.2, 1.4.10 Reflow
 */
export async function assertFitsPhone(page: Page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assertEquals(width, 320, `${page.url()} scrolls sideways`);
  assertEquals(await page.evaluate(brokenWords), [], page.url());
  if (before !== null) await page.setViewportSize(before);
}

/** The words that are on two lines. A soft hyphen ends a word: it may be broken there. */
const brokenWords =
  `[...document.querySelectorAll("h1, h2, h3, button, .button")].flatMap((part) => {
  const broken = [];
  const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    for (const { index, 0: word } of text.data.matchAll(/\\p{L}{2,}/gu)) {
      if (lineOf(text, index) !== lineOf(text, index + word.length - 1)) broken.push(word);
    }
  }
  return broken;
  // The first character after a hyphen has the hyphen's rectangle too, and its own comes last.
  function lineOf(text, at) {
    const range = new Range();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return [...range.getClientRects()].at(-1)?.top;
  }
})`;

/** Asserts that the page is small, as HTML, without what it refers to. */
export async function assertSmall(page: Page, bytesLimit = 30_000) {
  const bytes = new TextEncoder().encode(await page.content()).length;
  assert(bytes < bytesLimit, `${page.url()} has ${bytes} bytes`);
}
