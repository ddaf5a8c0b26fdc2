import { assertEquals, assertStringIncludes } from "@std/assert";
import { ask, outcomeOf } from "../../support/authorization.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { renameUser } from "../../support/records.ts";

const bob = {
  username: "bob",
  password: "a long way to tipperary",
  claims: { name: "Bob", email: "bob@bücher.example", email_verified: true },
};
const unproved = {
  username: "uma",
  password: "a quiet corner of the house",
  claims: { email: "uma@example.com", email_verified: false },
};

/** What somebody meets who types this at the sign-in page. */
async function signIn(provider: TestProvider, username: string, password: string) {
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  return await browser.submit(page, { username, password });
}

Deno.test("a user signs in with their username or verified mail address, in any spelling", async () => {
  await using provider = await aProvider({ users: [alice, bob, unproved] });
  for (
    const typed of [
      "bob",
      "BOB",
      "bob@bücher.example",
      "Bob@XN--BCHER-KVA.example",
      " bob@bücher.example. ",
      "bo\u00adb@bu\u0308cher.example",
    ]
  ) {
    assertEquals(outcomeOf(await signIn(provider, typed, bob.password)), "consent", typed);
  }
});

Deno.test("an unverified address, or another account's password, signs nobody in", async () => {
  await using provider = await aProvider({ users: [alice, bob, unproved] });
  for (
    const [typed, password] of [
      ["uma@example.com", unproved.password],
      ["bob@bücher.example", alice.password],
      ["nobody@example.com", bob.password],
      ["b0b", bob.password], // looks like bob
      ["bob@bucher.example", bob.password],
    ] as const
  ) {
    const page = await signIn(provider, typed, password);
    assertEquals(page.response.status, 401, typed);
    assertStringIncludes(page.body, "do not match");
  }
});

Deno.test("an address means the user who verified it, not one with that username", async () => {
  await using provider = await aProvider({ users: [alice, bob, unproved] });
  await renameUser(provider, "uma", "bob@bücher.example"); // before names had to be one's own
  const typed = "bob@bücher.example";
  assertEquals(outcomeOf(await signIn(provider, typed, bob.password)), "consent");
  assertEquals((await signIn(provider, typed, unproved.password)).response.status, 401);
});

Deno.test("guesses count for both names of an account, and no answer reveals that they are the same", async () => {
  const limits = { signIn: { count: 100, seconds: 60 }, signInAccount: { count: 3, seconds: 600 } };
  await using provider = await aProvider({
    users: [alice, bob],
    config: { rateLimits: true, limits: { ...(await defaults()), ...limits } },
  });
  const tries = async (typed: string) => (await signIn(provider, typed, "wrong")).response.status;
  // Two at one name, and one at the other: a third name, which nobody has, is answered alike throughout.
  assertEquals([await tries("bob"), await tries("bob")], [401, 401]);
  assertEquals(await tries("bob@bücher.example"), 401);
  assertEquals(await tries("stranger@example.com"), 401);

  // Three wrong ones by whatever name are what the account takes; the right one is no better then.
  const right = await signIn(provider, "bob@bücher.example", bob.password);
  const stranger = await signIn(provider, "stranger@example.com", bob.password);
  assertEquals([right.response.status, stranger.response.status], [401, 401]);
  assertEquals(
    [await tries("bob@bücher.example"), await tries("stranger@example.com")],
    [401, 401],
  );
  assertEquals([await tries("bob@bücher.example"), await tries("stranger@example.com")], [
    429,
    429,
  ]);

  provider.clock.advance(601);
  assertEquals(outcomeOf(await signIn(provider, "bob@bücher.example", bob.password)), "consent");
});

async function defaults() {
  const { defaultConfig } = await import("../../support/config.ts");
  return defaultConfig.limits;
}
