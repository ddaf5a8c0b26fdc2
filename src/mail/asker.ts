import type { Origin } from "../../stores/transaction.ts";
import { fill } from "../ui/fill.tsx";
import { type Language, strings } from "../ui/strings/languages.ts";

/** From where a mail was asked for, in words. */
export interface Asker {
  /** "Firefox", and nothing that a request could choose; null: unknown. */
  readonly browser: string | null;
  readonly system: string | null;
  readonly address: string | null;
}

/** Finds out who asks, before the step that writes to them: the list of browsers loads when first used. */
export async function readAsker(
  { address }: Pick<Origin, "address">,
  userAgent: string | null,
): Promise<Asker> {
  const { default: Bowser } = await import("bowser");
  if (userAgent === null || userAgent === "") return { browser: null, system: null, address };
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  // Of an unknown browser bowser tells what the header says, and a header can hold any sentence.
  const known = (name: string | undefined, names: Readonly<Record<string, string>>) =>
    Object.values(names).find((one) => one === name) ?? null;
  return {
    browser: known(browser.name, Bowser.BROWSER_MAP),
    system: known(os.name, Bowser.OS_MAP),
    address,
  };
}

/** A sentence about who asks; null if nothing is known. */
export function askerSentence(
  language: Language,
  { browser, system, address }: Asker,
): string | null {
  const t = strings(language).mail.asker;
  const whole = browser !== null && system !== null
    ? fill(t.browserOn, { browser, system })
    : browser;
  if (whole !== null && address !== null) return fill(t.both, { browser: whole, address });
  if (whole !== null) return fill(t.browser, { browser: whole });
  return address === null ? null : fill(t.address, { address });
}
