import type { Walker } from "../journeys/mail_requests.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { submitTo } from "../support/factors.ts";
import { issuer } from "./installation.ts";
import { type Party, patiently, unlessLost } from "./world.ts";

/** A single-use thing, and how a user tries it. */
export interface EntryPoint {
  /** The name of the single-use thing, such as `invitation ID`; the first word is its kind. */
  readonly thing: string;
  /** Posts to it. @param nth 0, or 1 for a second attempt at the same moment */
  post(nth: number): Promise<Response>;
  isOpened(response: Response): boolean;
  /** Whether it should work now, according to the store. */
  isGood(): boolean;
}

/** Tries a single-use thing, sometimes twice at once, and again after a 503. @returns the answer that counts */
export async function knock(
  party: Party,
  entryPoint: EntryPoint,
  twice = 0.25,
): Promise<Response | null> {
  const { world, chance } = party;
  const { eventLog, counts: { openings } } = world;
  const once = async (nth: number) => {
    const answer = await entryPoint.post(nth);
    if (entryPoint.isOpened(answer)) {
      eventLog.openings.push({ thing: entryPoint.thing });
      const [kind = ""] = entryPoint.thing.split(" ");
      openings[kind] = (openings[kind] ?? 0) + 1;
    }
    return answer;
  };
  const beside = chance.happens(twice) ? unlessLost(() => once(1)) : null;
  const answer = await patiently(party, () => once(0), ({ status }) => status !== 503);
  const other = await beside;
  const opened = [answer, other].find((one) => one !== null && entryPoint.isOpened(one));
  if (opened) return opened;
  const isRefused = answer !== null && [400, 401, 403].includes(answer.status);
  if (isRefused && entryPoint.isGood()) {
    world.findings.push(`should have opened: ${entryPoint.thing}`);
  }
  return answer;
}

/** Whether a record stays unspent and valid for ten more seconds. */
export function isUnspent(
  { world }: Party,
  record: { readonly spentBy: string | null; readonly expiresAt: number } | undefined,
): boolean {
  const now = world.scheduler.clock.seconds() + 10;
  return record !== undefined && record.spentBy === null && record.expiresAt > now;
}

const attempts = new WeakMap<Browser, number>();

/** A field by which each attempt is another form: the same one again would be a double click. */
export function attemptField(browser: Browser): Readonly<Record<string, string>> {
  const attempt = (attempts.get(browser) ?? 0) + 1;
  attempts.set(browser, attempt);
  return { attempt: `${attempt}` };
}

/** Posts the last form of a page, without following redirects. */
export function postForm(
  browser: Browser,
  { body }: Landing,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const { action, hidden } = formOf(body);
  return browser.send(action, {
    method: "POST",
    body: new URLSearchParams({ ...hidden, ...fields, ...attemptField(browser) }),
  });
}

/** Follows the redirect of an answer; null for a page. */
export async function goOn(
  { party, browser }: { readonly party: Party; readonly browser: Browser },
  response: Response | null,
): Promise<Landing | null> {
  const location = response?.headers.get("location") ?? null;
  if (location === null) return null;
  const url = new URL(location, issuer);
  if (url.origin !== issuer) return { url, response: response as Response, body: "" };
  const isAnswered = ({ response }: Landing) => response.status !== 503;
  return await patiently(party, () => browser.open(url.pathname + url.search), isAnswered);
}

/** Journeys in the simulation: each step again during an outage; null: it came to nothing. */
export function patientWalker(
  used: { readonly party: Party; readonly browser: Browser },
): Walker<Landing | null> {
  return {
    open: (path) => openPage(used, path),
    async submit(page, action, fields) {
      // Another tab may have signed the browser in meanwhile: then the page leads on.
      if (!new RegExp(`action="${action}["?]`).test(page.body)) return null;
      const submit = () => submitTo(used.browser, page, action, fields);
      return await patiently(used.party, submit, ({ response }) => response.status !== 503);
    },
  };
}

/** Opens a page and retries after a 503; null if there is no such page. */
export async function openPage(
  { party, browser }: { readonly party: Party; readonly browser: Browser },
  path: string,
): Promise<Landing | null> {
  const isAnswered = ({ response }: Landing) => response.status !== 503;
  const page = await patiently(party, () => browser.open(path), isAnswered);
  return page?.response.status === 200 && page.body.includes("<form") ? page : null;
}
