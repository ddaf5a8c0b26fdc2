import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Browser } from "../support/browser.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { robin, started } from "./started.ts";

const why = "on which no request leaves";
// http on this machine is called in development only.
const env = { LATCHKEY_ENV: "development" };

async function signIn(latchkey: Browser) {
  const { username, password } = robin;
  await latchkey.submit(await latchkey.open("/account"), { username, password });
}

testOnNewerDeno(
  why,
  "the television of the examples shows a QR code, and signs its user in",
  async () => {
    await using example = await started("television", "APP_URL", env);
    const { app, latchkey } = example.browser();
    const shown = await app.open("/");
    assertStringIncludes(shown.body, "<svg");
    const [, user_code = ""] = /type <b>([A-Z-]{9})<\/b>/.exec(shown.body) ?? [];
    assertStringIncludes((await app.open("/")).body, user_code, "it waits with the same code");

    await signIn(latchkey);
    const asked = await latchkey.submit(await latchkey.open("/device"), { user_code });
    await latchkey.submit(asked, { decision: "allow" });
    // A second poll within five seconds is too early, and says nothing else.
    assertStringIncludes((await app.open("/")).body, "Signed in as");
  },
);

testOnNewerDeno(
  why,
  "the till of the examples is told what its customer has answered",
  async () => {
    const forgeries: string[] = [];
    // Between Latchkey and the till: as soon as there is an answer, somebody tells the till first.
    await using relay = Deno.serve(
      { hostname: "localhost", port: 0, onListen() {} },
      async (ping) => {
        const body = await ping.text();
        const tell = (headers: Headers) =>
          fetch(`${example.origin}/answered`, { method: "POST", headers, body });
        for (const authorization of ["", "Bearer guessed", "Bearer"]) {
          const { status } = await tell(new Headers({ authorization }));
          forgeries.push(`${status}, ${await shownOf(app)}`);
        }
        return await tell(ping.headers);
      },
    );
    await using example = await started("till", "APP_URL", env, {
      "http://localhost:3000/answered": `http://localhost:${relay.addr.port}/answered`,
    });
    const { app, latchkey } = example.browser();
    const answers: string[] = [];
    await signIn(latchkey);
    for (
      const [message, decision] of [["Transfer 4711", "allow"], ["Transfer 4712", "deny"]] as const
    ) {
      const list = await app.submit(await app.open("/"), { user: robin.username, message });
      assertStringIncludes(list.body, `${message}: waiting`);
      await latchkey.submit(await latchkey.open("/account/requests"), { decision });
      answers.push(await outcomeOf(app));
    }
    assertEquals(answers[0]?.startsWith("allowed by "), true, answers[0]);
    assertEquals(answers[1], "not allowed");
    assertEquals(forgeries, new Array(6).fill("401, waiting"));

    const unknown = await app.submit(await app.open("/"), { user: "nobody", message: "Hello" });
    assertEquals(unknown.response.status, 400);
  },
);

/** What the till shows of its newest request. */
async function shownOf(app: Browser): Promise<string> {
  const { body } = await app.open("/");
  return [...body.matchAll(/<li>.*?: (.*?)<\/li>/g)].at(-1)?.[1] ?? "";
}

/** Looks until the till has heard. */
async function outcomeOf(app: Browser): Promise<string> {
  for (const giveUpAt = Date.now() + 30_000; Date.now() < giveUpAt;) {
    const shown = await shownOf(app);
    if (!["waiting", "answered", ""].includes(shown)) return shown;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the till was not told");
}
