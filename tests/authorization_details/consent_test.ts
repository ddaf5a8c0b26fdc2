import { assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser, postAccount } from "../support/account.ts";
import {
  accounts,
  accountType,
  asking,
  detailsProvider,
  detailsShop,
  look,
  payment,
  payments,
  paymentType,
} from "../support/authorization_details.ts";
import { answerBackchannel, beginBackchannel, pollBackchannel } from "../support/backchannel.ts";
import { answerOf } from "../support/tokens.ts";
import {
  ask,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { aProvider } from "../support/provider.ts";
import { anAdminApi } from "../admin/api.ts";

const client = "shop";

Deno.test("the consent page shows each detail in the words of its type, in both languages", async () => {
  await using provider = await aProvider(detailsProvider);
  const browser = await signedInBrowser(provider, { client });
  const evil = {
    ...payment,
    creditorName: '<b>"Merchant"</b>&amp;',
    instructedAmount: { amount: "1.00", currency: "EUR" },
    instant: true,
  };
  const shown = async (language: string) => {
    const parameters = { ...asking(evil, look), ui_locales: language };
    return (await ask(provider, { client, browser, parameters })).body;
  };
  const english = await shown("en");
  for (
    const text of [
      "Pay from your account",
      "<dt>Amount: currency</dt><dd><bdi>EUR</bdi></dd>",
      "<dt>Amount: amount</dt><dd><bdi>1.00</bdi></dd>",
      "<dd><bdi>&lt;b&gt;&quot;Merchant&quot;&lt;/b&gt;&amp;amp;</bdi></dd>",
      "<dt>At once</dt><dd><bdi>Yes</bdi></dd>",
      `At <code>${payments}</code>`,
      "<dt>What</dt><dd><bdi>list</bdi><br><bdi>balances</bdi></dd>",
      `At <code>${accounts}</code>`,
    ]
  ) assertStringIncludes(english, text);
  const german = await shown("de");
  for (const text of ["Von Ihrem Konto bezahlen", "<dt>Sofort</dt><dd><bdi>Ja</bdi></dd>"]) {
    assertStringIncludes(german, text);
  }
});

Deno.test("a remembered consent covers exactly what was consented to", async () => {
  await using provider = await aProvider(detailsProvider);
  const browser = await signedInBrowser(provider, { client, parameters: asking(look) });
  const next = (...details: unknown[]) => outcomeAt(provider, browser, asking(...details), client);
  const reordered = { actions: look.actions, locations: [`${accounts}/`], type: look.type };
  assertEquals(await next(look), "code");
  assertEquals(await next(reordered), "code");
  assertEquals(await outcomeAt(provider, browser, {}, client), "code", "without details");
  for (
    const changed of [
      [{ ...look, actions: ["list", "balances", "history"] }],
      [{ ...look, actions: ["list"] }],
      [{ ...look, days: 90 }],
      [{ ...look, locations: [payments] }],
      [{ ...look, locations: undefined }],
      [look, { ...look, days: 1 }],
    ]
  ) {
    assertEquals(await next(...changed), "consent", JSON.stringify(changed));
    const silent = { ...asking(...changed), prompt: "none" };
    assertEquals(await outcomeAt(provider, browser, silent, client), "error consent_required");
  }
  assertEquals(
    await outcomeAt(provider, browser, { ...asking(look), prompt: "none" }, client),
    "code",
  );
});

Deno.test("users are asked about each payment, whatever they allowed before", async () => {
  for (const skip_consent of [false, true]) {
    const clients = [{ ...detailsShop, skip_consent }];
    await using provider = await aProvider({ ...detailsProvider, clients });
    const browser = provider.browser();
    const page = await browser.open(provider.authorizeUrl({ client, parameters: asking(payment) }));
    const asked = await submitLogin(browser, page);
    assertEquals(outcomeOf(asked), "consent");
    assertEquals(outcomeOf(await browser.submit(asked, { decision: "allow" })), "code");
    assertEquals(await outcomeAt(provider, browser, asking(payment), client), "consent");
    const silent = { ...asking(payment), prompt: "none" };
    assertEquals(await outcomeAt(provider, browser, silent, client), "error consent_required");
    // What the page showed with it was remembered. With skip_consent nobody is asked about the rest.
    const rest = skip_consent ? "code" : "consent";
    assertEquals(await outcomeAt(provider, browser, asking(look), client), rest);
  }
});

Deno.test("if a type changes while the page is open, the user is asked again or the request ends", async () => {
  await using api = await anAdminApi(detailsProvider);
  const { provider } = api;
  const browser = await signedInBrowser(provider, { client });
  const path = `/authorization-detail-types/${encodeURIComponent(accountType.type)}`;
  const anywhere = { ...look, locations: undefined };
  const page = await ask(provider, { client, browser, parameters: asking(anywhere) });
  await api.patch(path, { resources: [accounts] });
  const again = await browser.submit(page, { decision: "allow" });
  assertEquals(outcomeOf(again), "consent");
  await api.call("DELETE", path, { headers: { "if-match": "*" } });
  const ended = await browser.submit(again, { decision: "allow" });
  assertEquals(outcomeOf(ended), "error invalid_authorization_details");
});

Deno.test("the largest details go through the pages that ask about them", async () => {
  await using provider = await aProvider(detailsProvider);
  const details = [1, 2, 3, 4].map((n) => ({ ...payment, creditorName: n + '"'.repeat(250) }));
  const browser = await signedInBrowser(provider, { client, parameters: asking(...details) });
  assertEquals(asking(...details).authorization_details.length > 2400, true);
  const { auth_req_id } = await beginBackchannel(provider, asking(...details));
  await answerBackchannel(provider, "allow", browser);
  assertEquals(await answerOf(await pollBackchannel(provider, auth_req_id)), "200");
});

Deno.test("details that users are always asked about are never remembered, and the oldest of many others are forgotten", async () => {
  await using api = await anAdminApi(detailsProvider);
  const { provider } = api;
  const browser = await signedInBrowser(provider, { client, parameters: asking(payment, look) });
  await api.patch(`/authorization-detail-types/${paymentType.type}`, { always_ask: false });
  const next = (detail: unknown) => outcomeAt(provider, browser, asking(detail), client);
  assertEquals(await next(payment), "consent");
  assertEquals(await next(look), "code");
  for (let days = 1; days <= 24; days++) {
    const page = await ask(provider, { client, browser, parameters: asking({ ...look, days }) });
    assertEquals(outcomeOf(await browser.submit(page, { decision: "allow" })), "code");
  }
  assertEquals(await next({ ...look, days: 1 }), "code");
  assertEquals(await next(look), "consent");
});

Deno.test("the account's applications and its copy have the details", async () => {
  await using provider = await aProvider(detailsProvider);
  await provider.authorize({ client, parameters: asking(look, payment) });
  const browser = await accountBrowser(provider);
  const { body } = await browser.open("/account/applications");
  assertStringIncludes(body, accountType.text.en);
  assertStringIncludes(body, paymentType.text.en);
  assertStringIncludes(body, "<bdi>Merchant A</bdi>");
  const copy = JSON.parse((await postAccount(browser, "/account/data/export")).body);
  const details = copy.applications[0].authorization_details;
  assertEquals(details, [look, { ...payment, locations: [payments] }]);
});
