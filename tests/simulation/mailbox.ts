import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { sealContext } from "../../src/mail/outbox.ts";
import type { Browser } from "../support/browser.ts";
import type { Person } from "./installation.ts";
import { digestOf } from "./tokens.ts";
import type { World } from "./world.ts";

/**
 * Looks into a person's mails for the one that answers a request.
 *
 * @param handle of the request
 * @returns the link as a path, or the code; null: it is not there, as after an answer that was lost
 */
export async function mailOf(
  { history, processAt }: World,
  { username }: Person,
  handle: string,
): Promise<{ readonly link: string } | { readonly code: string } | null> {
  const { masterKey } = processAt(0).deps;
  const userId = history.find<{ userId: string }>("users_by_username", username)?.userId;
  const codeMac = history.find<Challenge>("challenges", digestOf(`email_code.${handle}`))?.codeMac;
  for (const { key, record } of [...history.records.values()]) {
    if (key[0] !== "mail_outbox") continue;
    const mail = record as OutgoingMail;
    if (mail.userId !== userId || mail.sealedMail === null) continue;
    const text = await masterKey.unseal(mail.sealedMail, sealContext(String(key[1])));
    const { text: written } = JSON.parse(text);
    const link = new RegExp(`/magic-link/confirm\\?token=${handle}\\.[\\w-]+`).exec(written)?.[0];
    if (link !== undefined) return { link };
    const code = /^\d{6}$/m.exec(written)?.[0];
    if (code === undefined || codeMac === undefined) continue;
    if (await masterKey.mac("challenge_code", `${handle}.${code}`) === codeMac) return { code };
  }
  return null;
}

/**
 * Whether a link or a code that was refused should have been taken. It is good in the browser that asked
 * for it; where two tabs of a new browser came at once, the cookie may be that of the other one.
 *
 * @param now epoch seconds
 */
export function isStillGood(
  { history }: World,
  { type, secret, browser, now }: {
    type: "magic_link" | "email_code";
    secret: string;
    browser: Browser;
    now: number;
  },
): boolean {
  const challenge = history.find<Challenge>("challenges", digestOf(`${type}.${secret}`));
  if (challenge === undefined || challenge.spentBy !== null) return false;
  if (challenge.browserDigest !== browserDigestOf(browser)) return false;
  return challenge.expiresAt > now && (challenge.triesLeft ?? 1) > 0;
}

function browserDigestOf({ cookies }: Browser): string {
  return digestOf(cookies.get("__Host-latchkey_browser") ?? "");
}
