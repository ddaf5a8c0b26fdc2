import { assertEquals } from "@std/assert";
import {
  ask,
  bob,
  codeAt,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";

async function consentPage(provider: TestProvider): Promise<{ browser: Browser; page: Landing }> {
  const browser = provider.browser();
  const page = await submitLogin(browser, await ask(provider, { browser }));
  assertEquals(outcomeOf(page), "consent");
  return { browser, page };
}

const allow = { decision: "allow" };
const deny = { decision: "deny" };

Deno.test("50 concurrent consents give one grant and one valid code", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);

  const landings = await Promise.all(
    Array.from({ length: 50 }, () => browser.submit(page, allow)),
  );

  assertEquals(landings.map(outcomeOf), Array(50).fill("code"));
  const answers = await Promise.all(
    landings.map(async (landing) => await answerOf(await provider.exchange(codeAt(landing)))),
  );
  assertEquals(answers.sort(), ["200", ...Array(49).fill("400 invalid_grant")]);
  const issued = (await auditTrail(provider)).filter(({ type }) => type === "code_issued");
  assertEquals(issued.length, 1);
});

Deno.test("the last code is the valid one, and using a replaced one revokes nothing", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  const first = codeAt(await browser.submit(page, allow));
  const second = codeAt(await browser.submit(page, allow));
  const third = codeAt(await browser.open(`/authorize/resume${page.url.search}`));

  assertEquals(await answerOf(await provider.exchange(first)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(second)), "400 invalid_grant");
  const response = await provider.exchange(third);
  assertEquals(response.status, 200);
  const { access_token } = await response.json();
  assertEquals(await answerOf(await provider.exchange(first)), "400 invalid_grant");
  const info = await provider.request("/userinfo", {
    headers: { authorization: `Bearer ${access_token}` },
  });
  assertEquals(info.status, 200);
});

Deno.test("once the code is spent, a repeated consent gets an error page", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  const code = codeAt(await browser.submit(page, allow));
  assertEquals((await provider.exchange(code)).status, 200);
  assertEquals(outcomeOf(await browser.submit(page, allow)), "page invalid_request");
  assertEquals(
    outcomeOf(await browser.open(page.url.pathname + page.url.search)),
    "page invalid_request",
  );
});

Deno.test("once the code has expired, a repeated consent gets an error page", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  codeAt(await browser.submit(page, allow));
  provider.clock.advance(60);
  assertEquals(outcomeOf(await browser.submit(page, allow)), "page invalid_request");
});

Deno.test("a replaced code lives no longer than the first one would have", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  await browser.submit(page, allow);
  provider.clock.advance(40);
  const code = codeAt(await browser.submit(page, allow));
  provider.clock.advance(20);
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
});

Deno.test("each refusal of consent is sent to the client, with state and issuer", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  for (let time = 0; time < 3; time++) {
    const { error_description: _, ...told } = toldTo(await browser.submit(page, deny));
    assertEquals(told, { error: "access_denied", state: "the-state", iss: issuer });
  }
  assertEquals(outcomeOf(await browser.submit(page, allow)), "error access_denied");
  assertEquals(await outcomeAt(provider, browser, {}), "consent");
});

Deno.test("a refusal after a consent issues nothing more", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  await browser.submit(page, allow);
  assertEquals(outcomeOf(await browser.submit(page, deny)), "page invalid_request");
});

Deno.test("a consent form without a decision is refused", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  for (const decision of ["", "maybe", "ALLOW"]) {
    assertEquals(outcomeOf(await browser.submit(page, { decision })), "page invalid_request");
  }
  assertEquals(outcomeOf(await browser.submit(page, allow)), "code");
});

Deno.test("a consent page for one user cannot be answered by another", async () => {
  await using provider = await aProvider({
    users: [alice, bob],
    clients: [aClient("shop"), aClient("desk")],
  });
  const { browser, page } = await consentPage(provider);
  const inAnotherTab = await ask(provider, {
    browser,
    client: "desk",
    parameters: { prompt: "login" },
  });
  assertEquals(outcomeOf(await submitLogin(browser, inAnotherTab, bob)), "consent");

  // Her answer is not his: he is asked, as himself.
  const again = await browser.submit(page, allow);
  assertEquals(outcomeOf(again), "consent");
  assertEquals(again.body.includes("bob"), true);
  assertEquals(outcomeOf(await browser.submit(again, allow)), "code");
});

Deno.test("the answer for one user is not repeated for another", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  const { browser, page } = await consentPage(provider);
  await browser.submit(page, allow);
  const inAnotherTab = await ask(provider, { browser, parameters: { prompt: "login" } });
  await submitLogin(browser, inAnotherTab, bob);
  const again = await browser.open(`/authorize/resume${page.url.search}`);
  assertEquals(outcomeOf(again), "page invalid_request");
});

Deno.test("a user who signs out before answering is asked to sign in", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  await browser.submit(await browser.open("/logout"), {});
  assertEquals(outcomeOf(await browser.open(page.url.pathname + page.url.search)), "login");
});

Deno.test("a repeat follows its own browser only", async () => {
  await using provider = await aProvider();
  const { browser, page } = await consentPage(provider);
  const code = codeAt(await browser.submit(page, allow));

  const stranger = await signedInBrowser(provider); // the same person, elsewhere
  const { hidden } = formOf(page.body);
  const body = new URLSearchParams({ ...hidden, ...allow });
  assertEquals(
    outcomeOf(await stranger.open("/consent", { method: "POST", body })),
    "page invalid_request",
  );
  assertEquals(
    outcomeOf(await stranger.open(`/authorize/resume${page.url.search}`)),
    "page invalid_request",
  );
  assertEquals((await provider.exchange(code)).status, 200);
});
