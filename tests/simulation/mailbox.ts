import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { parseCode } from "../../src/identifiers/letter_code.ts";
import { sealContext } from "../../src/mail/outbox.ts";
import type { Browser } from "../support/browser.ts";
import type { Person } from "./people.ts";
import { isInFlux, userOf } from "./persons_now.ts";
import { digestOf } from "./tokens.ts";
import type { World } from "./world.ts";

/**
 * Looks into a person's mails for the one that answers a request.
 *
 * @param handle of the request
 * @returns the link as a path, or the code; null: it is not there, as after an answer that was lost
 */
export async function mailOf(
  world: World,
  person: Person,
  handle: string,
): Promise<{ readonly link: string } | { readonly code: string } | null> {
  const { history } = world;
  const { masterKey } = world.processAt(0).deps;
  const userId = userOf(world, person)?.userId;
  const codeMac = history.find<Challenge>("challenges", digestOf(`email_code.${handle}`))?.codeMac;
  for (const { text: written } of await mailsOf(world, { userId })) {
    const link = new RegExp(`/magic-link/confirm\\?token=${handle}\\.[\\w-]+`).exec(written)?.[0];
    if (link !== undefined) return { link };
    const code = parseCode(/^[A-Z]{4}-[A-Z]{4}$/m.exec(written)?.[0] ?? "");
    if (code === null || codeMac === undefined) continue;
    if (await masterKey.mac("challenge_code", `${handle}.${code}`) === codeMac) return { code };
  }
  return null;
}

/** Filters for mails: by recipient, by address, or by template. */
interface Wanted {
  readonly userId?: string | undefined;
  readonly to?: string;
  readonly template?: string;
}

/** The links of this form in mails, as paths; the oldest mail's first. */
export async function linksIn(world: World, wanted: Wanted, form: RegExp): Promise<string[]> {
  const mails = await mailsOf(world, wanted);
  return mails.flatMap(({ text }) => form.exec(text)?.[0] ?? []);
}

async function mailsOf({ history, processAt }: World, { userId, to, template }: Wanted) {
  const { masterKey } = processAt(0).deps;
  const found: { readonly to: string; readonly text: string }[] = [];
  for (const { key, record } of [...history.records.values()]) {
    if (key[0] !== "mail_outbox") continue;
    const mail = record as OutgoingMail;
    if (mail.sealedMail === null || mail.decoy) continue;
    if (userId !== undefined && mail.userId !== userId) continue;
    if (template !== undefined && mail.template !== template) continue;
    const text = await masterKey.unseal(mail.sealedMail, sealContext(String(key[1])));
    found.push(JSON.parse(text));
  }
  return found.filter((mail) => to === undefined || mail.to === to);
}

/**
 * Whether a link or a code that was refused should have been taken. It is good in the browser that asked
 * for it; where two tabs of a new browser came at once, the cookie may be that of the other one.
 *
 * @param now epoch seconds
 */
export function isStillGood(
  world: World,
  { type, secret, browser, now }: {
    type: "magic_link" | "email_code";
    secret: string;
    browser: Browser;
    now: number;
  },
): boolean {
  const at = digestOf(`${type}.${secret}`);
  const challenge = world.history.find<Challenge>("challenges", at);
  if (challenge === undefined || challenge.spentBy !== null) return false;
  if (isInFlux(world, challenge.userId ?? undefined)) return false;
  if (!isOfBrowser(challenge, browser)) return false;
  return challenge.expiresAt > now && (challenge.triesLeft ?? 1) > 0;
}

/** Whether it was asked for with the cookie that a browser has now. */
export function isOfBrowser(challenge: Challenge | undefined, { cookies }: Browser): boolean {
  return challenge?.browserDigest === digestOf(cookies.get("__Host-latchkey_browser") ?? "");
}
