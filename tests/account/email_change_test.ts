import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { accountBrowser, people, postAccount } from "../support/account.ts";
import { sentMails } from "../support/mails.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signIn, userinfo } from "../support/tokens.ts";

const path = "/account/profile/email";

Deno.test("a new address becomes the claim when its link is confirmed, not before", async () => {
  await using provider = await aProvider();
  const tokens = await signIn(provider);
  const browser = await accountBrowser(provider);
  const claim = async () => (await (await userinfo(provider, tokens.access_token)).json()).email;

  const asked = await postAccount(browser, path, { email: "new@example.com" });
  assertEquals(asked.url.search, "?done=email");
  assertStringIncludes(asked.body, "A link is on its way to the new address.");
  assertEquals(await claim(), "alice@example.com");
  const mails = await sentMails(provider);
  assertEquals(mails.map(({ to }) => to).sort(), ["alice@example.com", "new@example.com"]);

  const page = await browser.open(await newestLinkTo(provider, "new@example.com"));
  assertEquals((await browser.submit(page, {})).response.status, 200);
  assertEquals(await claim(), "new@example.com");
});

Deno.test("an invalid address is rejected on the form and no mail is sent", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  for (const email of ["", "nobody", "a@b, c@d", "a@b\r\nBcc: all@example.com", "x".repeat(400)]) {
    const landing = await postAccount(browser, path, { email });
    assertEquals(landing.response.status, 400, email);
    assertStringIncludes(landing.body, 'href="#email"');
  }
  assertEquals((await sentMails(provider)).length, 0);
});

Deno.test("an address gets three mails, whoever asks for them", async () => {
  await using provider = await aProvider({ users: people, config: { rateLimits: true } });
  const statuses = [];
  for (const person of people) {
    const browser = await accountBrowser(provider, person);
    for (let n = 0; n < 2; n++) {
      const { response } = await postAccount(browser, path, { email: "new@example.com" });
      statuses.push(response.status);
    }
  }
  assertEquals(statuses, [200, 200, 200, 429]);
});

Deno.test("a user cannot send mails to many addresses, or flood their own", async () => {
  await using api = await anAdminApi({ config: { rateLimits: true } });
  const { provider } = api;
  const browser = await accountBrowser(provider);
  const ask = async (n: number) =>
    (await postAccount(browser, path, { email: `stranger${n}@example.com` })).response.status;
  const statuses = [];
  for (let n = 0; n < 5; n++) statuses.push(await ask(n));
  assertEquals(statuses, [200, 200, 200, 429, 429]);
  const mails = await sentMails(provider);
  assertEquals(mails.filter(({ to }) => to === "alice@example.com").length, 3);
  assertEquals(mails.length, 6);

  const { userId } = await provider.userOf("alice");
  const limit = `/rate-limits/mail-sender?user_id=${userId}`;
  assertEquals((await api.get(limit)).body.remaining, 0);
  assertEquals((await api.call("DELETE", limit)).status, 204);
  assertEquals(await ask(5), 200);
});

async function newestLinkTo(provider: TestProvider, address: string): Promise<string> {
  const mail = (await sentMails(provider)).find(({ to }) => to === address);
  const link = mail?.text.split("\n").find((line) => line.startsWith(`${issuer}/`));
  assert(link);
  return link.slice(issuer.length);
}
