import { askForSignInMail } from "../journeys/mail_requests.ts";
import { formOf, type Landing, newBrowser } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { mailCode } from "../support/mail_sign_in.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { patientWalker } from "./entry_points.ts";
import { issuer } from "./installation.ts";
import { isStillGood, mailOf } from "./mailbox.ts";
import type { Person } from "./people.ts";
import { addressOf, isInFlux, userOf } from "./persons_now.ts";
import { patiently, unlessLost } from "./world.ts";

/** Signs in by mail, from the sign-in page on. @returns where the browser stands then; null: nowhere */
export async function signInByMail(
  used: UsedBrowser,
  person: Person,
  login: Landing,
): Promise<Landing | null> {
  const { party } = used;
  const { chance } = party;
  const fields = { email: addressOf(party.world, person), way: chance.pick(ways) };
  const sent = await askForSignInMail(patientWalker(used), login, fields);
  const handle = sent?.url.searchParams.get("request") ?? "";
  if (sent?.response.status !== 200 || handle === "") return null;
  const mail = await mailOf(party.world, person, handle);
  if (mail === null) {
    const isMoving = isInFlux(party.world, userOf(party.world, person)?.userId);
    if (!isMoving) party.world.findings.push("a mail that was acknowledged is not there");
    return null;
  }
  await party.pause(1000);
  if ("code" in mail) return await enter(used, sent, handle, mail.code);
  return await follow(used, sent, handle, mail.link);
}

const ways = ["link", "code"] as const;

/** Types the code, now and then twice at once. */
async function enter(
  used: UsedBrowser,
  sent: Landing,
  handle: string,
  code: string,
): Promise<Landing | null> {
  const submit = () => submitTo(used.browser, sent, "/magic-link/code", { code });
  return await several(used, submit, "email_code", handle);
}

/** Follows the link, here, or turns it into a code elsewhere, or both at once. */
async function follow(
  used: UsedBrowser,
  sent: Landing,
  handle: string,
  link: string,
): Promise<Landing | null> {
  const { party: { chance }, browser } = used;
  if (chance.happens(0.25)) {
    const [code, here] = await Promise.all([
      codeElsewhere(used, link),
      chance.happens(0.4) ? unlessLost(() => browser.open(link)) : null,
    ]);
    if (here !== null && isLinkPage(here)) await unlessLost(() => browser.submit(here, {}));
    if (code === null) return null;
    return await enter(used, sent, handle, code);
  }
  const page = await unlessLost(() => browser.open(link));
  if (page === null || !isLinkPage(page)) return null;
  const token = link.split("token=")[1] ?? "";
  return await several(used, () => browser.submit(page, {}), "magic_link", token);
}

function isLinkPage({ response, body }: Landing): boolean {
  return response.status === 200 && body.includes("<form") &&
    formOf(body).action === "/magic-link/confirm";
}

async function codeElsewhere({ party }: UsedBrowser, link: string): Promise<string | null> {
  const browser = newBrowser((path, init) => party.send(path, init), issuer);
  const page = await unlessLost(() => browser.open(link));
  if (page?.response.status !== 200 || !page.body.includes("<form")) return null;
  const shown = await unlessLost(() => browser.submit(page, {}));
  return mailCode.exec(shown?.body ?? "")?.[0] ?? null;
}

/** Does it once or twice at the same moment, again after a 503, and looks at a refusal. */
async function several(
  { party, browser }: UsedBrowser,
  submit: () => Promise<Landing>,
  type: "magic_link" | "email_code",
  secret: string,
): Promise<Landing | null> {
  const { world, chance } = party;
  const beside = chance.happens(0.25) ? unlessLost(submit) : null;
  const landing = await patiently(party, submit, ({ response }) => response.status !== 503);
  await beside;
  const isRefused = landing?.url.pathname.startsWith("/magic-link/") &&
    [400, 401].includes(landing.response.status);
  const now = world.scheduler.clock.seconds() + 10;
  if (isRefused && isStillGood(world, { type, secret, browser, now })) {
    world.findings.push(`a good ${type} was refused`);
  }
  return landing;
}
