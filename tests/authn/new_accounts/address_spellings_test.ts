import { assertEquals } from "@std/assert";
import { isSameAddress } from "../../../src/identifiers/mail_address.ts";
import { newestLink, sentMails } from "../../support/mails.ts";
import { aProvider, type TestProvider } from "../../support/provider.ts";

/** All of them are one address. */
const spellings = [
  "nora@bücher.example",
  "NORA@BÜCHER.EXAMPLE",
  "nora@xn--bcher-kva.example",
  "nora@bücher.example.",
  "nora\uff20bücher.example",
  "\uff4eora@bücher.example",
  "no\u00adra@bücher.example",
  "nora@bücher\u3002example",
  "nora\u200b@bücher.example",
];

async function askFor(provider: TestProvider, email: string): Promise<number> {
  const browser = provider.browser();
  return (await browser.submit(await browser.open("/sign-up"), { email })).response.status;
}

Deno.test("nine spellings of one address share one mail limit and one account", async () => {
  await using provider = await aProvider({ config: { signUp: "open", rateLimits: true } });
  const statuses: number[] = [];
  for (const email of spellings) statuses.push(await askFor(provider, email));
  assertEquals(statuses.filter((status) => status === 200).length, 3);
  const mails = await sentMails(provider);
  const own = mails.filter(({ to }) => isSameAddress(to, "nora@bücher.example"));
  assertEquals([mails.length, own.length], [3, 3]);

  const browser = provider.browser();
  const page = await browser.open(await newestLink(provider));
  const password = "a quiet new harbour";
  const names = { username: "nora", name: "Nora Neu", password, password_repeat: password };
  assertEquals((await browser.submit(page, names)).url.pathname, "/sign-up/done");
  for (const email of spellings) {
    provider.clock.advance(901);
    assertEquals(await askFor(provider, email), 200);
    const [newest] = await sentMails(provider);
    assertEquals(newest?.text.includes("/sign-up/confirm"), false, "an account is there already");
  }
});
