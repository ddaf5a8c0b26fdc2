import { formOf } from "../support/browser.ts";
import { ann, authorizePath, aWorld, cookieOf, robot, type World } from "./world.ts";

/** Wrong guesses that a server answered between kills, and whether its limit held. */
export interface GuessedOut {
  readonly what: string;
  /** The server told that they are wrong. */
  readonly answered: number;
  /** It was killed before it told. */
  readonly unanswered: number;
  readonly problem: string | null;
}

const limit = 5;

/**
 * Guesses until the limit refuses more, and kills the server at each guess: after its answer, or while it is
 * being verified. A guess that was answered counts for as long as its window lasts.
 * @param below a random whole number, from 0 to below the given one
 */
export async function guessesWithKills(below: (end: number) => number): Promise<GuessedOut[]> {
  await using world = await aWorld({
    processes: 1,
    file: true,
    env: {
      LATCHKEY_RATE_LIMITS: "on",
      LATCHKEY_RATE_LIMIT_SIGN_IN: `${limit}/3600`,
      LATCHKEY_RATE_LIMIT_CLIENT_AUTHENTICATION: `${limit}/3600`,
    },
  });
  const guessing = { world, below };
  return [
    await guessOut({ ...guessing, what: "wrong client secrets", guess: () => asClient(world) }),
    await guessOut({ ...guessing, what: "wrong passwords", guess: await atPassword(world) }),
  ];
}

interface Guessing {
  readonly world: World;
  readonly below: (end: number) => number;
  readonly what: string;
  /** @returns the status */
  readonly guess: () => Promise<number>;
}

async function guessOut({ world, below, what, guess }: Guessing): Promise<GuessedOut> {
  let [answered, unanswered] = [0, 0];
  const over = (problem: string | null) => ({ what, answered, unanswered, problem });
  for (;;) {
    const answer = guess().catch((error) => {
      if (error instanceof TypeError) return null; // the connection ended
      throw error;
    });
    if (below(3) > 0) await answer;
    else await new Promise((resolve) => setTimeout(resolve, below(40)));
    await world.processes[0]?.kill("SIGKILL");
    await world.restart(0);
    const status = await answer;
    if (status === null) unanswered++;
    else if (status === 401) answered++;
    else if (status !== 429) return over(`${what}: a guess was answered ${status}`);
    else if (answered + unanswered >= limit) return over(null);
    else return over(`${what}: ${answered} guesses were taken for ${limit}`);
    if (answered > limit) return over(`${what}: more than ${limit} were answered`);
    if (unanswered > 10 * limit) return over(`${what}: the limit was never reached`);
  }
}

async function asClient(world: World): Promise<number> {
  const { client_id } = robot;
  const form = { grant_type: "client_credentials", client_id, client_secret: "wrong".repeat(9) };
  const { status, body } = await world.post(0, "/token", form);
  await body?.cancel();
  return status;
}

async function atPassword(world: World): Promise<() => Promise<number>> {
  const browser = world.browser();
  const { action, hidden } = formOf((await browser.open(authorizePath())).body);
  const headers = { cookie: cookieOf(browser), origin: world.issuer };
  const form = { ...hidden, username: ann.username, password: "not this one" };
  return async () => (await world.post(0, action, form, headers)).status;
}
