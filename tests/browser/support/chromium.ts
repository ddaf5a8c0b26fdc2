import type { Browser } from "playwright-core";
import { isCarriedChromium, unpackedChromium } from "./carried_chromium.ts";

/** A Chromium, and what its process needs in its environment. */
export interface Chromium {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where systems keep a browser of this kind. */
const usualPlaces: Readonly<Partial<Record<typeof Deno.build.os, readonly string[]>>> = {
  linux: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  windows: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** The variable that names another Chromium; an empty one means to do without the system's. */
export const pathVariable = "CHROMIUM_PATH";

/** Whether there is a Chromium for the tests: the system's, or the one that npm carries. */
export function hasChromium(): boolean {
  return systemChromium() !== null || isCarriedChromium;
}

/** Starts a Chromium with a profile of its own, which is gone when it is closed. */
export async function launchChromium(): Promise<Browser> {
  const { path, env } = await findChromium();
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: path,
    env: { ...Deno.env.toObject(), ...env },
    // Deno ends at a signal, and Chromium with it; the library's own handlers would keep both alive.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    chromiumSandbox: false, // it does not start as root, which a container's user often is
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--in-process-gpu", // what draws needs no process of its own
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

async function findChromium(): Promise<Chromium> {
  const path = systemChromium();
  return path === null ? await unpackedChromium() : { path, env: {} };
}

/** @throws if CHROMIUM_PATH names something that is not there: another browser would hide the mistake */
function systemChromium(): string | null {
  const named = Deno.env.get(pathVariable);
  if (named === "") return null;
  if (named === undefined) return (usualPlaces[Deno.build.os] ?? []).find(isFile) ?? null;
  if (!isFile(named)) throw new Error(`${pathVariable} names ${named}, which is not there`);
  return named;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
