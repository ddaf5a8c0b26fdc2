import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Browser } from "../support/browser.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { robin, started } from "./started.ts";

const why = "on which no request leaves";
// http on this machine is called in development only.
const env = { LATCHKEY_ENV: "development" };

async function signIn(latchkey: Browser, path: string) {
  const { username, password } = robin;
  return await latchkey.submit(await latchkey.open(path), { username, password });
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

    await signIn(latchkey, "/account");
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
    await using example = await started("till", "APP_URL", env);
    const { app, latchkey } = example.browser();
    const answers: string[] = [];
    await signIn(latchkey, "/account");
    for (
      const [message, decision] of [["Transfer 4711", "allow"], ["Transfer 4712", "deny"]] as const
    ) {
      const list = await app.submit(await app.open("/"), { user: robin.username, message });
      assertStringIncludes(list.body, `${message}: waiting`);
      await latchkey.submit(await latchkey.open("/account/requests"), { decision });
      answers.push(await outcomeOf(app, message));
    }
    assertEquals(answers[0]?.startsWith("allowed by "), true, answers[0]);
    assertEquals(answers[1], "not allowed");

    const forged = await fetch(`${example.origin}/answered`, {
      method: "POST",
      headers: { authorization: "Bearer guessed", "content-type": "application/json" },
      body: JSON.stringify({ auth_req_id: "unknown" }),
    });
    await forged.body?.cancel();
    assertEquals(forged.status, 401);
    const unknown = await app.submit(await app.open("/"), { user: "nobody", message: "Hello" });
    assertEquals(unknown.response.status, 400);
  },
);

/** Looks until the till has heard. */
async function outcomeOf(app: Browser, message: string): Promise<string> {
  for (;;) {
    const { body } = await app.open("/");
    const [, outcome = ""] = new RegExp(`<li>${message}: (.*?)</li>`).exec(body) ?? [];
    if (!/^(waiting|answered|)$/.test(outcome)) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
