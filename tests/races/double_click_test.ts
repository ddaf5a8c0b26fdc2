import { assert, assertEquals } from "@std/assert";
import { ask, isSignedIn, submitLogin } from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { onDenokv } from "../support/denokv.ts";
import { alice, issuer, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { answerOf, tokensOf, userinfo } from "../support/tokens.ts";
import { attempts, offline, type Processes, processes } from "./processes.ts";

const clicks = onDenokv ? 2 : 10;

for (const count of [1, 3]) {
  const where = count === 1 ? "one process" : `${count} processes`;

  Deno.test(`submitting the consent form ${attempts} times in ${where} gives one grant and one code that works`, async () => {
    await using at = await processes(count, { clients: [aClient("shop")] });
    for (let round = 0; round < clicks; round++) {
      const before = await countOf(at.provider, "grants");
      const browser = at.provider.browser();
      const consent = await submitLogin(
        browser,
        await ask(at.provider, { browser, parameters: offline }),
      );
      const answers = await submitAtOnce(at, browser, consent, { decision: "allow" });
      const codes = answers.map((answer) => {
        assertEquals(answer.status, 303);
        return new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
      });

      const exchanges = await at.race((process, n) => process.exchange(codes[n] ?? ""));
      const good = exchanges.filter(({ status }) => status === 200);
      const bad = exchanges.filter(({ status }) => status !== 200);
      assertEquals(new Set(await Promise.all(bad.map(answerOf))), new Set(["400 invalid_grant"]));
      assertEquals([good.length, new Set(codes).size], [1, attempts]);
      // The other codes were withdrawn, so that using them ended nothing.
      const { access_token } = await tokensOf(good[0] ?? Response.error());
      assertEquals((await userinfo(at.provider, access_token)).status, 200);
      assertEquals(await countOf(at.provider, "grants"), before + 1);
    }
  });

  Deno.test(`submitting the sign-in form ${attempts} times in ${where} gives one session and a code that works`, async () => {
    await using at = await processes(count, { clients: [aClient("shop")] });
    for (let round = 0; round < clicks; round++) {
      const before = await countOf(at.provider, "sessions");
      const browser = at.provider.browser();
      const login = await ask(at.provider, { browser, parameters: offline });
      const { username, password } = alice;
      const answers = await submitAtOnce(at, browser, login, { username, password });

      const cookies = answers.map((answer) => {
        assertEquals(answer.status, 303);
        return /latchkey_session=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1];
      });
      const live: string[] = [];
      for (const cookie of cookies) {
        if (cookie && await isSignedIn(at.provider, cookie)) live.push(cookie);
      }
      assertEquals([live.length, new Set(cookies).size], [1, attempts]);
      assertEquals(await countOf(at.provider, "sessions"), before + 1);

      browser.cookies.set("__Host-latchkey_session", live[0] ?? "");
      const consent = await browser.open(answers[0]?.headers.get("location") ?? "");
      const { url } = await browser.submit(consent, { decision: "allow" });
      const code = url.searchParams.get("code");
      assert(code !== null, `no code at ${url}`);
      await tokensOf(await at.provider.exchange(code));
    }
  });
}

/** Sends the form of a page so many times, as one browser does whose person clicks and clicks. */
function submitAtOnce(
  at: Processes,
  browser: Browser,
  landing: Landing,
  fields: Record<string, string>,
): Promise<Response[]> {
  return at.race((process) => send(process, browser, landing, fields));
}

async function send(
  process: TestProvider,
  { cookies }: Browser,
  { body }: Landing,
  fields: Record<string, string>,
): Promise<Response> {
  const { action, hidden } = formOf(body);
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return await process.post(action, { ...hidden, ...fields }, { cookie, origin: issuer });
}

/** How many records a family has. */
async function countOf(provider: TestProvider, family: string): Promise<number> {
  const keys = [...(await snapshot(provider.backend)).keys()];
  return keys.filter((key) => JSON.parse(key)[0] === family).length;
}
