import type { Tokens } from "../support/tokens.ts";
import {
  authorization,
  authorizePath,
  cookieOf,
  credentials,
  told,
  type World,
} from "../proofs/world.ts";
import { codeVerifier } from "../support/provider.ts";

/** Clients at work, who do what an honest client does when it is answered 503: the same once more. */
export interface HonestClients {
  /** Lets them finish what they have begun. */
  stop(): Promise<void>;
  /** How many requests were answered, by their answers: `200`, `303`, `503 temporarily_unavailable`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Answers and waiting times that a legitimate client must never see. */
  readonly problems: readonly string[];
  /** Milliseconds that the slowest answer took. */
  slowest(): number;
  /** When a request that deserved success was last answered 503, by the clock of `Date.now`. */
  lastUnavailable(): number;
}

/** A request at any process; the clients do not know how many there are. */
type Ask = (n: number) => Promise<Response>;

/** Puts clients to work; each begins one grant after the other, and refreshes its tokens. */
export async function honestClients(
  world: World,
  { count, longestAnswer }: { readonly count: number; readonly longestAnswer: number },
): Promise<HonestClients> {
  const browser = await world.signedIn();
  const cookie = cookieOf(browser);
  const answers = new Map<string, number>();
  const problems: string[] = [];
  let turn = 0;
  let slowest = 0;
  let lastUnavailable = 0;
  let isStopping = false;
  const working = Promise.all(Array.from({ length: count }, work));

  return {
    answers,
    problems,
    slowest: () => slowest,
    lastUnavailable: () => lastUnavailable,
    async stop() {
      isStopping = true;
      await working;
    },
  };

  async function work() {
    while (!isStopping) {
      try {
        await oneGrant();
      } catch (error) {
        problems.push(String(error));
      }
    }
  }

  async function oneGrant() {
    const authorized = await answered(
      "authorize",
      303,
      (n) => world.request(n, authorizePath(), { headers: { cookie } }),
    );
    const location = new URL(authorized.headers.get("location") ?? "", world.issuer);
    const code = location.searchParams.get("code");
    if (code === null) return problems.push(`authorize: led to ${location}`);
    const form = {
      grant_type: "authorization_code",
      code,
      redirect_uri: authorization.redirect_uri,
      code_verifier: codeVerifier,
      ...credentials,
    };
    const exchange: Ask = (n) => world.post(n, "/token", form);
    let tokens: Tokens = await (await answered("code exchange", 200, exchange)).json();
    for (let times = 0; times < 3; times++) {
      const { refresh_token } = tokens;
      const again = { grant_type: "refresh_token", refresh_token, ...credentials };
      const refresh: Ask = (n) => world.post(n, "/token", again);
      tokens = await (await answered("refresh", 200, refresh)).json();
    }
    // A thief comes last: whatever happened before, the code was spent.
    const replay = await answered("replay", 400, exchange);
    await replay.body?.cancel();
  }

  /** Asks until there is an answer other than 503, each time another process. */
  async function answered(what: string, expected: number, ask: Ask): Promise<Response> {
    for (let tries = 1;; tries++) {
      const began = Date.now();
      const response = await ask(turn++);
      const took = Date.now() - began;
      slowest = Math.max(slowest, took);
      if (took > longestAnswer) problems.push(`${what}: answered after ${took} ms`);
      if (response.status !== 503) {
        if (response.status === expected) note(String(expected));
        else throw new Error(`${what}, asked ${tries} times: ${await told(response)}`);
        return response;
      }
      if (expected !== 400) lastUnavailable = Date.now();
      const retryAfter = Number(response.headers.get("retry-after") ?? NaN);
      note(await told(response));
      if (!(retryAfter >= 1)) throw new Error(`${what}: a 503 without Retry-After`);
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
    }
  }

  function note(answer: string) {
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
}
