import { assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { aClient } from "../support/clients.ts";
import type { Browser } from "../support/browser.ts";
import { onDenokv } from "../support/denokv.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { answerOf, introspect, type Tokens, tokensOf, userinfo } from "../support/tokens.ts";

/** The size of every race: the number of attempts at once, and the number of rounds. */
export const attempts = 50;
export const rounds = onDenokv ? 10 : 25;

/** A provider whose requests are spread over several processes, which share nothing but the store. */
export interface Processes extends AsyncDisposable {
  readonly provider: TestProvider;
  /** Makes attempts at once, each at the next process; `n` counts from 0. */
  race<T>(attempt: (process: TestProvider, n: number) => Promise<T>): Promise<T[]>;
  /** How many commits the store has refused until now, because what they had read was old. */
  conflicts(): number;
}

/** @param count 1: the attempts take turns at keys; more: only the versionstamps are between them */
export async function processes(count: number, options: ProviderOptions = {}): Promise<Processes> {
  let conflicts = 0;
  const counting = (backend: KvBackend): KvBackend => ({
    ...backend,
    async commit(batch) {
      const landed = await backend.commit(batch);
      if (!landed) conflicts++;
      return landed;
    },
  });
  const provider = await aProvider({ clients: [firstParty("shop")], ...options, wrap: counting });
  const all = [provider, ...Array.from({ length: count - 1 }, () => provider.restart())];
  return {
    provider,
    race: (attempt) =>
      Promise.all(
        Array.from({ length: attempts }, (_, n) => attempt(all[n % count] ?? provider, n)),
      ),
    conflicts: () => conflicts,
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** A client whose people are asked for nothing, with ID tokens that are quick to sign. */
export function firstParty(clientId: string) {
  return aClient(clientId, { skip_consent: true, id_token_signed_response_alg: "ES256" });
}

/** Requests offline access to get a refresh token. The consent page is shown each time. */
export const offline = { scope: "openid profile offline_access", prompt: "consent" };

/** A browser in which the person is signed in: each code costs one request. */
export async function signedIn(provider: TestProvider): Promise<Browser> {
  const browser = provider.browser();
  await provider.authorize({ browser });
  return browser;
}

/** A code and its tokens, by a browser that is signed in. */
export async function newTokens(provider: TestProvider, browser: Browser): Promise<Tokens> {
  const code = await provider.authorize({ browser, parameters: offline });
  return await tokensOf(await provider.exchange(code));
}

/** The tokens of the one who won; all others are refused, in words of the protocol. */
export async function onlyWinner(responses: readonly Response[]): Promise<Tokens> {
  const won = responses.filter(({ status }) => status === 200);
  const lost = await Promise.all(responses.filter(({ status }) => status !== 200).map(answerOf));
  assertEquals([won.length, ...new Set(lost)], [1, "400 invalid_grant"]);
  const [winner] = won;
  if (winner === undefined) throw new Error("nobody won");
  return await tokensOf(winner);
}

/** Whether tokens open anything: at userinfo, at introspection, for a refresh. */
export async function assertDead(provider: TestProvider, tokens: Tokens) {
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals(await introspect(provider, tokens.access_token), { active: false });
  assertEquals(await introspect(provider, tokens.refresh_token), { active: false });
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "400 invalid_grant");
}
