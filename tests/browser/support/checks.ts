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

/** Asserts that nothing sticks out of a window of 320 CSS pixels. @see WCAG 2.2, 1.4.10 Reflow */
export async function assertFitsPhone(page: Page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assertEquals(width, 320, `${page.url()} scrolls sideways`);
  if (before !== null) await page.setViewportSize(before);
}

/** Asserts that the page is small, as HTML, without what it refers to. */
export async function assertSmall(page: Page, bytesLimit = 30_000) {
  const bytes = new TextEncoder().encode(await page.content()).length;
  assert(bytes < bytesLimit, `${page.url()} has ${bytes} bytes`);
}
