import { assertEquals } from "@std/assert";
import { askForResetMail, walkerOf } from "../journeys/mail_requests.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { signedInBrowser } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { formAnswer } from "../support/form_answer.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";

const page = "https://shop.op.example";
const credentials = { username: alice.username, password: alice.password };

Deno.test("one of 50 concurrent confirmations with one reset link sets its password", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await askForResetMail(walkerOf(browser), "alice");
  await assertOneSetsThePassword(
    provider,
    browser,
    await browser.open(await newestLink(provider)),
  );
  const events = (await auditTrail(provider)).filter(({ type }) => type === "password_reset");
  assertEquals(events.length, 1);
  const notices = (await sentMails(provider)).filter(({ text }) => !text.includes("token="));
  assertEquals(notices.length, 1);
});

Deno.test("one of 50 concurrent confirmations changes a password that must be changed", async () => {
  await using provider = await aProvider();
  await editUser(provider, "alice", { mustChangePassword: true });
  const browser = provider.browser();
  const signIn = await browser.open(provider.authorizeUrl());
  await assertOneSetsThePassword(provider, browser, await browser.submit(signIn, credentials));
});

/** @param page asks for a new password of alice */
async function assertOneSetsThePassword(
  provider: TestProvider,
  browser: Browser,
  page: Landing,
) {
  const processes = [provider, provider.restart(), provider.restart()];
  const { action, hidden } = formOf(page.body);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");

  const answers = await Promise.all(Array.from({ length: 50 }, async (_, n) => {
    const password = `password number ${n}`;
    const response = await processes[n % 3]?.post(
      action,
      { ...hidden, password, password_repeat: password },
      { cookie, origin: "https://op.example" },
    );
    return response && await formAnswer(provider.deps, response);
  }));

  const winners = answers.flatMap((answer, n) => answer?.status === 303 ? [n] : []);
  assertEquals(winners.length, 1);
  assertEquals(answers.filter((answer) => answer?.status === 400).length, 49);
  for (const n of [winners[0] ?? 0, ((winners[0] ?? 0) + 1) % 50]) {
    const other = provider.browser();
    const landed = await other.submit(await other.open(provider.authorizeUrl()), {
      username: "alice",
      password: `password number ${n}`,
    });
    assertEquals(landed.url.pathname, n === winners[0] ? "/consent" : "/login");
  }
}

Deno.test("one of 50 concurrent verifications of one session token succeeds", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { web_origins: [page] })],
  });
  const processes = [provider, provider.restart(), provider.restart()];
  const browser = await signedInBrowser(provider);
  const response = await browser.send("/session/token", {
    method: "POST",
    body: new URLSearchParams({ client_id: "shop" }),
    headers: { origin: page },
  });
  const { token } = await response.json();

  const answers = await Promise.all(
    Array.from(
      { length: 50 },
      (_, n) =>
        processes[n % 3]?.post("/session/token/verify", { token, ...provider.credentials() }),
    ),
  );

  assertEquals(answers.filter((answer) => answer?.status === 200).length, 1);
  assertEquals(answers.filter((answer) => answer?.status === 400).length, 49);
  const events = (await auditTrail(provider)).filter(({ type }) => type === "session_token_used");
  assertEquals(events.filter(({ outcome }) => outcome === "success").length, 1);
});
