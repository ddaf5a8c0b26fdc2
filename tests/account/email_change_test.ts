import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser, postAccount } from "../support/account.ts";
import { sentMails } from "../support/mails.ts";
import { aProvider } from "../support/provider.ts";
import { signIn, userinfo } from "../support/tokens.ts";

const path = "/account/profile/email";

Deno.test("a new address becomes the claim when the link that went to it is opened, not before", async () => {
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

  const link = mails.find(({ to }) => to === "new@example.com")?.text
    .split("\n").find((line) => line.startsWith("https://op.example/account/email/"));
  assert(link);
  const page = await browser.open(link.slice("https://op.example".length));
  assertEquals((await browser.submit(page, {})).response.status, 200);
  assertEquals(await claim(), "new@example.com");
});

Deno.test("what is no address is refused where it was typed, and no mail is written", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  for (const email of ["", "nobody", "a@b, c@d", "a@b\r\nBcc: all@example.com", "x".repeat(400)]) {
    const landing = await postAccount(browser, path, { email });
    assertEquals(landing.response.status, 400, email);
    assertStringIncludes(landing.body, 'href="#email"');
  }
  assertEquals((await sentMails(provider)).length, 0);
});

Deno.test("mails to a new address have a limit", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  const browser = await accountBrowser(provider);
  const statuses = [];
  for (let n = 0; n < 4; n++) {
    statuses.push((await postAccount(browser, path, { email: "new@example.com" })).response.status);
  }
  assertEquals(statuses, [200, 200, 200, 429]);
});
