import type { Origin } from "../../stores/engine/transaction.ts";
import { type Device, deviceReader } from "../language/device.ts";
import { fill } from "../language/fill.tsx";
import { type Language, strings } from "../language/languages.ts";

/** The requester's browser and IP address, worded by us so that a request cannot inject text. */
export interface Requester extends Device {
  readonly address: string | null;
}

/**
 * Reads the requester's data before the step that writes the mail: the list of browsers is loaded at
 * first use.
 */
export async function readRequester(
  { address }: Pick<Origin, "address">,
  userAgent: string | null,
): Promise<Requester> {
  return { ...(await deviceReader())(userAgent), address };
}

/** A sentence about the requester; null if nothing is known. */
export function requesterSentence(
  language: Language,
  { browser, system, address }: Requester,
): string | null {
  const t = strings(language).mail.requester;
  const whole = browser !== null && system !== null
    ? fill(t.browserOn, { browser, system })
    : browser;
  if (whole !== null && address !== null) return fill(t.both, { browser: whole, address });
  if (whole !== null) return fill(t.browser, { browser: whole });
  return address === null ? null : fill(t.address, { address });
}
