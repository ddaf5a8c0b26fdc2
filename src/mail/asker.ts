import type { Origin } from "../../stores/engine/transaction.ts";
import { type Device, deviceReader } from "../language/device.ts";
import { fill } from "../language/fill.tsx";
import { type Language, strings } from "../language/languages.ts";

/** From where a mail was asked for, in words: nothing that a request could choose. */
export interface Asker extends Device {
  readonly address: string | null;
}

/** Finds out who asks, before the step that writes to them: the list of browsers loads when first used. */
export async function readAsker(
  { address }: Pick<Origin, "address">,
  userAgent: string | null,
): Promise<Asker> {
  return { ...(await deviceReader())(userAgent), address };
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
