import type { Browser } from "../support/browser.ts";
import { cookieOf, told, type World } from "./world.ts";

/** The outcome of an attempt: `won`, or the answer to a later attempt. */
export type Outcome = string;

/** How many come for the same thing at the same time. */
export const atOnce = 50;

/** One attempt at a thing, at the n-th process. Some only show who won when all have been made. */
export type Attempt = (n: number) => Promise<Outcome | (() => Promise<Outcome>)>;

/** Something that opens its door once. */
export interface SingleUse {
  readonly name: string;
  /** The answers that a later attempt may get. */
  readonly refusals: readonly Outcome[];
  /** One of this many rounds is run, for operations that are expensive on purpose. */
  readonly every?: number;
  /** Whether the user of it may use it again, if only the last answer counts. */
  readonly mayRepeat?: boolean;
  /** Whether its rounds are run one by one: each keeps the machine busy, or the person, by itself. */
  readonly alone?: boolean;
  /** Whether it is no part of the load of `crash.ts`; where it is said, why. */
  readonly onlyRaced?: boolean;
  /** @returns what makes a new one for each round */
  prepare(world: World): Promise<() => Promise<Attempt>>;
}

export const won = (status: number) => async (response: Response): Promise<Outcome> => {
  if (response.status !== status) return await told(response);
  await response.body?.cancel();
  return "won";
};

/** Whether an answer signs somebody in. */
export async function wonSession(response: Response): Promise<Outcome> {
  const cookies = response.headers.getSetCookie();
  if (!cookies.some((cookie) => cookie.includes("latchkey_session="))) return await told(response);
  await response.body?.cancel();
  return "won";
}

/** The headers that a browser sends with a form of our pages. */
export function ownForm({ issuer }: World, browser: Browser): Record<string, string> {
  return { cookie: cookieOf(browser), origin: issuer };
}
