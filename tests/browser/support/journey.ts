import { assertEquals } from "@std/assert";
import type { Browser } from "playwright-core";
import { isOlderDeno } from "../../support/newer_deno.ts";
import { hasChromium, launchChromium, pathVariable } from "./chromium.ts";
import { aPersonAt, type Person, type PersonOptions } from "./person.ts";
import { aServer, type BrowserServer, type ServerOptions } from "./server.ts";
import { aSite, type Site } from "./site.ts";

/** What a journey is made of. All of it ends with the journey. */
export interface World {
  aServer(options?: ServerOptions): Promise<BrowserServer>;
  /** A browser of its own: cookies, windows, preferences. */
  aPerson(server: BrowserServer, options?: PersonOptions): Promise<Person>;
  /** A server of somebody else. */
  aSite(...parameters: Parameters<typeof aSite>): Site;
}

/**
 * Registers a test in a real browser. When it has run, every page that was opened must have been quiet:
 * no request to elsewhere, no error in the console, no refusal by the content security policy.
 *
 * Where there is no Chromium it says aloud that it does not run; with CI=true that is a failure.
 */
export function journey(name: string, run: (world: World) => Promise<void>) {
  const missing = whatIsMissing();
  if (missing === null) {
    Deno.test({ name, fn: () => travel(run), sanitizeOps: false, sanitizeResources: false });
  } else if (Deno.env.get("CI") === "true" && !isOlderDeno) {
    Deno.test(name, () => {
      throw new Error(missing);
    });
  } else console.warn(`SKIPPED, ${missing}: ${name}`);
}

function whatIsMissing(): string | null {
  if (isOlderDeno) return `as browsers are not driven on Deno ${Deno.version.deno}`;
  return hasChromium() ? null : `as there is no Chromium (${pathVariable} can name one)`;
}

// One for all journeys of a file, each of which has contexts of its own.
let launched: Promise<Browser> | null = null;

if (!isOlderDeno) {
  Deno.test.afterAll(async () => {
    await (await launched)?.close();
    launched = null;
  });
}

async function travel(run: (world: World) => Promise<void>) {
  await withWorld(await (launched ??= launchChromium()), run);
}

/** Runs something in a world of its own, and checks afterwards that its pages were quiet. */
export async function withWorld(browser: Browser, run: (world: World) => Promise<void>) {
  await using things = new AsyncDisposableStack();
  const people: Person[] = [];
  const world: World = {
    aServer: async (options) => things.use(await aServer(options)),
    aSite: (...parameters) => things.use(aSite(...parameters)),
    async aPerson(server, options) {
      const person = await aPersonAt(browser, server, options);
      things.defer(() => person.context.close());
      people.push(person);
      return person;
    },
  };
  try {
    await run(world);
  } catch (error) {
    throw new Error(await whereEverybodyIs(people), { cause: error });
  }
  assertEquals(people.flatMap(({ watch }) => watch.complaints), []);
}

/** For who reads a failure: the page that each tab shows, in words. */
async function whereEverybodyIs(people: readonly Person[]): Promise<string> {
  const tabs = people.flatMap(({ context }) => context.pages());
  const lines = await Promise.all(tabs.map(async (tab) => {
    const text = await tab.locator("body").innerText({ timeout: 1000 }).catch(() => "(no text)");
    return `at ${tab.url()}\n${text.slice(0, 1000).replaceAll(/^/gm, "  | ")}`;
  }));
  const complaints = people.flatMap(({ watch }) => watch.complaints);
  return ["a journey failed", ...lines, ...complaints].join("\n");
}
