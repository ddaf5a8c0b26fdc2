import type { Browser, BrowserContext, Page } from "playwright-core";
import type { BrowserServer } from "./server.ts";
import { type Watch, watchPages } from "./watch.ts";

export interface PersonOptions {
  /** What the browser prefers, as a BCP 47 tag. */
  readonly language?: string;
  readonly dark?: boolean;
  readonly javaScript?: boolean;
  /** CSS pixels of the window; 1280 by 800 unless it matters. */
  readonly window?: { readonly width: number; readonly height: number };
  /** Messages of the browser's console that belong to the journey. */
  readonly mayLog?: RegExp;
}

/** Somebody at a browser with cookies of its own; addresses without an origin are the server's. */
export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Another tab of the same browser. */
  newTab(): Promise<Page>;
  /** What the pages did that no page of ours may do, so far. */
  readonly watch: Watch;
}

// Long enough for a busy machine; a step that works never waits for it.
const patience = 60_000;

export async function aPersonAt(
  browser: Browser,
  server: Pick<BrowserServer, "issuer">,
  options: PersonOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL: server.issuer,
    locale: options.language ?? "en-GB",
    colorScheme: options.dark ? "dark" : "light",
    reducedMotion: "reduce",
    javaScriptEnabled: options.javaScript ?? true,
    viewport: options.window ?? { width: 1280, height: 800 },
    serviceWorkers: "block",
  });
  context.setDefaultTimeout(patience);
  const watch = watchPages(context, server.issuer, options.mayLog);
  return { page: await context.newPage(), context, newTab: () => context.newPage(), watch };
}
