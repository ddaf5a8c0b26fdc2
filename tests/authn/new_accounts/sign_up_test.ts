import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formToken } from "../../../routes/http/form_token.ts";
import { digest } from "../../../src/crypto/digest.ts";
import {
  aFailingStore,
  assertInvalidLink,
  forgedForms,
  send,
  submitAfterFailure,
} from "../../journeys/one_time_links.ts";
import {
  ask,
  codeAt,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
} from "../../support/authorization.ts";
import { anAuthenticator } from "../../support/authenticator.ts";
import { type Browser, formOf, type Landing } from "../../support/browser.ts";
import { defaultConfig } from "../../support/config.ts";
import { aliceAddress, submitAtOnce } from "../../support/mail_sign_in.ts";
import { newestLink, sentMails } from "../../support/mails.ts";
import { creationOptions, sendCredential } from "../../support/passkeys.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../../support/provider.ts";
import { auditTrail, editUser } from "../../support/records.ts";
import { anEavesdropper, type Told } from "../../support/told.ts";

const open: ProviderOptions = { config: { signUp: "open" } };
const address = "nora@example.com";
const password = "a quiet new harbour";
const filledIn = { username: "nora", name: "Nora Neu", password, password_repeat: password };

/** Asks for a link from the sign-in page of a request; without one, from the page itself. */
async function askForLink(
  provider: TestProvider,
  { browser = provider.browser(), email = address, alone = false }: {
    browser?: Browser;
    email?: string;
    alone?: boolean;
  } = {},
): Promise<{ browser: Browser; sent: Landing }> {
  let path = "/sign-up";
  if (!alone) {
    const login = await browser.open(provider.authorizeUrl());
    path = /href="(\/sign-up\?interaction=[\w-]+)"/.exec(login.body)?.[1] ?? "none";
  }
  const sent = await browser.submit(await browser.open(path), { email });
  return { browser, sent };
}

async function people(provider: TestProvider): Promise<number> {
  const { entries } = await provider.backend.list({ prefix: ["users"] }, { limit: 100 });
  return entries.length;
}

function assertDead(landing: Landing) {
  assertInvalidLink(landing, "This link to create an account does not work");
}

Deno.test("a new user first verifies an address, and continues to the application", async () => {
  await using provider = await aProvider(open);
  const { browser, sent } = await askForLink(provider);
  assertEquals(sent.url.pathname, "/sign-up/sent");
  const [mail] = await sentMails(provider);
  assertEquals(mail?.to, address);
  const link = await newestLink(provider);
  assertMatch(link, /^\/sign-up\/confirm\?token=[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
  const page = await browser.open(link);
  assertStringIncludes(page.body, `value="${address}"`);

  let landed = await browser.submit(page, filledIn);
  if (landed.url.pathname === "/consent") {
    landed = await browser.submit(landed, { decision: "allow" });
  }

  assertEquals(outcomeOf(landed), "code");
  assertEquals((await provider.exchange(codeAt(landed))).status, 200);
  const { user } = await provider.userOf("nora");
  assertEquals(user.claims, { name: "Nora Neu", email: address, email_verified: true });
  assertEquals(user.administrator, false);
  const types = (await auditTrail(provider)).map(({ type }) => type);
  for (const type of ["sign_up_requested", "user_created", "signed_in"]) {
    assert(types.includes(type));
  }
  await signedInBrowser(provider, { user: { username: "nora", password } });
});

Deno.test("a link in another browser, or without a request, creates the account and signs nobody in", async () => {
  for (const alone of [false, true]) {
    await using provider = await aProvider(open);
    const { browser } = await askForLink(provider, { alone });
    const opened = alone ? browser : provider.browser();
    const done = await opened.submit(await opened.open(await newestLink(provider)), filledIn);
    assertEquals(done.url.pathname, "/sign-up/done");
    assertEquals(sessionCookie(opened), undefined);
    await signedInBrowser(provider, { user: { username: "nora", password } });
  }
});

Deno.test("the account is created even if the request has finished meanwhile", async () => {
  await using provider = await aProvider(open);
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  const path = /href="(\/sign-up\?interaction=[\w-]+)"/.exec(login.body)?.[1] ?? "none";
  await browser.submit(await browser.open(path), { email: address });
  const page = await browser.open(await newestLink(provider));
  const consent = await submitLogin(browser, login);
  assertEquals(outcomeOf(await browser.submit(consent, { decision: "allow" })), "code");
  const cookie = sessionCookie(browser);

  const done = await browser.submit(page, filledIn);

  assertEquals(done.url.pathname, "/sign-up/done");
  assertEquals(sessionCookie(browser), cookie, "somebody else was signed in");
  assertEquals(await people(provider), 2);
});

Deno.test("only a mail tells a user that they have an account: same answer, same work", async () => {
  const eavesdropper = anEavesdropper();
  const { wrap } = eavesdropper;
  await using provider = await aProvider({ ...open, wrap });
  const told: Told[] = [];
  for (const email of [aliceAddress, address, "ALICE@example.com"]) {
    const browser = provider.browser();
    const { action, hidden } = formOf((await browser.open("/sign-up")).body);
    const body = new URLSearchParams({ ...hidden, email });
    told.push(await eavesdropper.listen(() => browser.send(action, { method: "POST", body })));
  }
  for (const one of told) assertEquals(one, told[0]);
  assertEquals(told[0]?.calls, ["read", "read", "commit"]);
  const mails = await sentMails(provider);
  const existing = mails.filter(({ to }) => to.toLowerCase() === aliceAddress);
  assertEquals(existing.length, 2);
  for (const { subject, text } of existing) {
    assertEquals(subject, "You already have an account at op.example");
    assertStringIncludes(text, "username is alice");
    assert(!text.includes("token="));
  }
});

Deno.test("the mail about an existing account goes to the verified address, however it was typed", async () => {
  await using provider = await aProvider(open);
  for (const email of ["ALICE@example.com", "\uff41lice@example.com"]) {
    await askForLink(provider, { email });
    const [mail] = await sentMails(provider);
    assertStringIncludes(mail?.text ?? "", "alice");
    assertEquals(mail?.to, aliceAddress);
  }
});

Deno.test("mail scanners that open the link do not spend it", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider);
  const link = await newestLink(provider);
  for (let n = 0; n < 3; n++) {
    assertEquals((await provider.browser().open(link)).response.status, 200);
    assertEquals((await browser.send(link, { method: "HEAD" })).status, 200);
  }
  assertEquals(await people(provider), 1);
  assertEquals(outcomeOf(await browser.submit(await browser.open(link), filledIn)), "consent");
});

Deno.test("one of 50 concurrent requests with one link creates an account", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider);
  const link = await newestLink(provider);
  const page = await browser.open(link);
  const answers = await submitAtOnce(browser, page, filledIn);
  const signedIn = answers.filter(({ headers }) =>
    headers.getSetCookie().some((cookie) => cookie.includes("latchkey_session="))
  );
  assertEquals(signedIn.length, 1);
  assertEquals(await people(provider), 2);
  const ends = answers.map(({ headers }) => headers.get("location")?.split("?")[0]);
  assertEquals(new Set(ends), new Set(["/authorize/resume"]), "each click leads to the same place");
  assertDead(await browser.open(link));
  assertDead(await provider.browser().open(link));
  assertEquals(
    outcomeOf(await browser.submit(page, filledIn)),
    "consent",
    "a double click goes on",
  );
});

Deno.test("a double click that is overtaken between two reads continues like the first one", async () => {
  let at = "";
  let overtake: (() => Promise<unknown>) | null = null;
  const wrap: ProviderOptions["wrap"] = (store) => ({
    ...store,
    async getMany(keys) {
      if (overtake !== null && keys.some(([family]) => family === at)) {
        const first = overtake;
        overtake = null;
        await first();
      }
      return await store.getMany(keys);
    },
  });
  for (const family of ["users_by_address", "passkeys"]) {
    for (const alone of [false, true]) {
      await using provider = await aProvider({ ...open, wrap });
      const { browser } = await askForLink(provider, { alone });
      const page = await browser.open(await newestLink(provider));
      const passkey = family === "passkeys"
        ? await anAuthenticator().create(await creationOptions(browser, page, filledIn))
        : null;
      const submit = () =>
        passkey === null
          ? browser.submit(page, filledIn)
          : sendCredential(browser, page, passkey, filledIn);
      let first: Landing | null = null;
      at = family;
      overtake = async () => first = await submit();
      const second = await submit();
      assert(first !== null, "nobody was overtaken");
      assertEquals((first as Landing).url.pathname, alone ? "/sign-up/done" : "/consent");
      assertEquals(await people(provider), 2);
      assertEquals(second.url.pathname, alone ? "/sign-up/done" : "/consent");
    }
  }
});

Deno.test("a link that was spent in one browser is invalid in every other", async () => {
  for (const alone of [false, true]) {
    await using provider = await aProvider(open);
    const { browser } = await askForLink(provider, { alone });
    const link = await newestLink(provider);
    const other = provider.browser();
    const [page, elsewhere] = [await browser.open(link), await other.open(link)];
    await browser.submit(page, filledIn);
    assertDead(await other.submit(elsewhere, filledIn));
    assertEquals(sessionCookie(other), undefined);
    assertEquals(await people(provider), 2);
  }
});

Deno.test("one of many concurrent sign-ups with one address or username creates an account", async () => {
  for (const same of ["address", "username"] as const) {
    await using provider = await aProvider(open);
    const pages: { browser: Browser; page: Landing }[] = [];
    for (let n = 0; n < 10; n++) {
      const email = same === "address" ? address : `nora${n}@example.com`;
      const { browser } = await askForLink(provider, { email });
      pages.push({ browser, page: await browser.open(await newestLink(provider)) });
    }
    const landed = await Promise.all(pages.map(({ browser, page }, n) => {
      const username = same === "username" ? "Nora" : `nora${n}`;
      return browser.submit(page, { ...filledIn, username });
    }));
    assertEquals(landed.filter((one) => outcomeOf(one) === "consent").length, 1, same);
    assertEquals(await people(provider), 2);
    if (same === "address") continue;
    const [late] = landed.filter(({ response }) => response.status === 400);
    assertStringIncludes(late?.body ?? "", "Somebody else has this username");
    const index = landed.findIndex((one) => one === late);
    const again = await pages[index]?.browser.submit(late ?? landed[0] as Landing, {
      ...filledIn,
      username: "another",
    });
    assertEquals(again && outcomeOf(again), "consent", "a name that was taken spent the link");
  }
});

Deno.test("a form with errors spends nothing, and is shown again without the password", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider);
  let page = await browser.open(await newestLink(provider));
  const cases: [Record<string, string>, string][] = [
    [{ ...filledIn, username: " " }, "username"],
    [{ ...filledIn, username: "x".repeat(257) }, "username"],
    [{ ...filledIn, username: "ALICE" }, "username"],
    [{ ...filledIn, username: "alice\u200b" }, "username"],
    [{ ...filledIn, username: "alice\u2800" }, "username"],
    [{ ...filledIn, username: "al\u2028ice" }, "username"],
    [{ ...filledIn, username: "\u202enora" }, "username"],
    [{ ...filledIn, name: "" }, "name"],
    [{ ...filledIn, name: "Nora\nNeu" }, "name"],
    [{ ...filledIn, password: "short", password_repeat: "short" }, "password"],
    [{ ...filledIn, password: "password1", password_repeat: "password1" }, "password"],
    [{ ...filledIn, password_repeat: "another one" }, "password_repeat"],
  ];
  for (const [fields, field] of cases) {
    page = await browser.submit(page, fields);
    assertEquals(page.response.status, 400, field);
    assertStringIncludes(page.body, `href="#${field}"`);
    assert(!page.body.includes(password));
  }
  assertEquals(outcomeOf(await browser.submit(page, filledIn)), "consent");
});

Deno.test("a username can be the user's own address, but not another's", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider);
  const page = await browser.open(await newestLink(provider));
  const others = [
    "victim@corp.example",
    "Victim@Corp.Example",
    "victim@ｃｏｒｐ.example",
    "a＠corp.example",
  ];
  for (const username of others) {
    const { response, body } = await browser.submit(page, { ...filledIn, username });
    assertEquals(response.status, 400, username);
    assertStringIncludes(body, "Somebody else has this username");
  }
  assertEquals(await people(provider), 1);
  const own = address.toUpperCase();
  assertEquals(outcomeOf(await browser.submit(page, { ...filledIn, username: own })), "consent");
});

Deno.test("a link expires, and is invalid once a user has its address", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider, { alone: true });
  const link = await newestLink(provider);
  const page = await browser.open(link);
  await editUser(provider, "alice", { claims: { email: address, email_verified: true } });
  assertDead(await browser.submit(page, filledIn));
  assertDead(await browser.open(link));
  await editUser(provider, "alice", { claims: {} });
  provider.clock.advance(599);
  assertEquals((await browser.open(link)).response.status, 200);
  provider.clock.advance(1);
  assertDead(await browser.submit(page, filledIn));
  assertEquals(await people(provider), 1);
});

Deno.test("forms of another site or browser, and wrong tokens, create no account", async () => {
  await using provider = await aProvider(open);
  const { browser } = await askForLink(provider);
  const page = await browser.open(await newestLink(provider));
  const { hidden } = formOf(page.body);
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  const otherToken = `new.${"A".repeat(43)}`;
  const attacks: [string, Response][] = [
    ...await forgedForms(provider, browser, page, { fields: filledIn, otherToken }),
    [
      "another request in the token",
      await send(browser, page, {
        fields: { ...filledIn, token: `new.${hidden.token?.slice(23)}` },
      }),
    ],
    [
      "the request without Origin",
      await provider.post("/sign-up", { email: address }, { cookie }),
    ],
  ];
  for (const [what, response] of attacks) assertEquals(response.status, 400, what);
  for (const query of ["?token=a&token=b", `?token=new.${"A".repeat(43)}`]) {
    assertDead(await browser.open(`/sign-up/confirm${query}`));
  }
  assertEquals(await people(provider), 1);
  assertEquals(outcomeOf(await browser.submit(page, filledIn)), "consent");
});

Deno.test("if the commit fails, the link stays valid", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ ...open, wrap: store.wrap });
  const { browser } = await askForLink(provider);
  const page = await browser.open(await newestLink(provider));
  const landed = await submitAfterFailure(store, browser, page, filledIn);
  assertEquals(outcomeOf(landed), "consent");
  assertEquals(await people(provider), 2);
});

Deno.test("unless sign-up is open there is no link, no page and no prompt for it", async () => {
  for (const signUp of ["closed", "invited"] as const) {
    await using provider = await aProvider({ config: { signUp } });
    const browser = provider.browser();
    const login = await browser.open(provider.authorizeUrl());
    assert(!login.body.includes("/sign-up"));
    for (const path of ["/sign-up", `/sign-up/confirm?token=new.${"A".repeat(43)}`]) {
      const page = await browser.open(path);
      assertEquals(page.response.status, 403);
      assertStringIncludes(page.body, "You cannot create an account here yourself");
    }
    const secret = browser.cookies.get("__Host-latchkey_browser") ?? "";
    const form_token = await formToken(provider.deps, await digest(secret), "sign_up", null);
    const body = new URLSearchParams({ email: address, form_token });
    assertEquals((await browser.open("/sign-up", { method: "POST", body })).response.status, 403);
    const told = await ask(provider, { parameters: { prompt: "create" } });
    assertEquals(outcomeOf(told), "error invalid_request");
    const discovery = await (await provider.request("/.well-known/openid-configuration")).json();
    assert(!discovery.prompt_values_supported.includes("create"));
    assertEquals(await sentMails(provider), []);
  }
});

Deno.test("prompt=create starts with the new account, whoever is signed in, and uses it", async () => {
  await using provider = await aProvider(open);
  const discovery = await (await provider.request("/.well-known/openid-configuration")).json();
  assert(discovery.prompt_values_supported.includes("create"));
  const browser = await signedInBrowser(provider);
  const asked = await ask(provider, { browser, parameters: { prompt: "create" } });
  assertEquals(asked.url.pathname, "/sign-up");
  await browser.submit(asked, { email: address });
  const landed = await browser.submit(await browser.open(await newestLink(provider)), filledIn);
  assertEquals(outcomeOf(landed), "consent");
  assertStringIncludes(landed.body, "Nora Neu");
});

Deno.test("a user can sign in at prompt=create, with the link on its page", async () => {
  await using provider = await aProvider(open);
  const asked = await ask(provider, { parameters: { prompt: "create" } });
  assertEquals(asked.url.pathname, "/sign-up");
  const browser = provider.browser();
  const page = await ask(provider, { browser, parameters: { prompt: "create" } });
  const { 1: href = "" } = /href="(\/login\?interaction=[\w-]+)"/.exec(page.body) ?? [];
  const login = await browser.open(href);
  const landed = await browser.submit(login, {
    username: "alice",
    password: "correct horse battery",
  });
  assertEquals(outcomeOf(landed), "consent");
  for (const prompt of ["none create", "create nonsense"]) {
    const told = await ask(provider, { parameters: { prompt } });
    assertEquals(outcomeOf(told), "error invalid_request");
  }
});

Deno.test("an address gets three mails in a quarter of an hour", async () => {
  await using provider = await aProvider({ config: { signUp: "open", rateLimits: true } });
  for (let n = 0; n < 3; n++) await askForLink(provider, { alone: true });
  assertEquals((await askForLink(provider, { alone: true })).sent.response.status, 429);
});

Deno.test("the number of sign-up mails for one network address is limited", async () => {
  const limits = { ...defaultConfig.limits, signUp: { count: 5, seconds: 900 } };
  await using provider = await aProvider({
    config: { signUp: "open", rateLimits: true, limits },
  });
  const browser = provider.browser();
  const ask = (email: string) => askForLink(provider, { browser, email, alone: true });

  const statuses: number[] = [];
  for (let n = 0; n < 7; n++) {
    statuses.push((await ask(`stranger-${n}@example.com`)).sent.response.status);
  }

  assertEquals(statuses, [200, 200, 200, 200, 200, 429, 429]);
  assertEquals((await sentMails(provider)).length, 5);
  provider.clock.advance(900);
  // What was refused took no place of the stranger's own three.
  for (let n = 0; n < 3; n++) {
    assertEquals((await ask("stranger-6@example.com")).sent.response.status, 200);
  }
});

Deno.test("tries of taken usernames are counted by network address, and free ones are not", async () => {
  const limits = { ...defaultConfig.limits, signIn: { count: 3, seconds: 900 } };
  await using provider = await aProvider({
    config: { signUp: "open", rateLimits: true, limits },
  });
  const { browser } = await askForLink(provider, { alone: true });
  const page = await browser.open(await newestLink(provider));
  const tryName = async (username: string) => {
    const landed = await browser.submit(page, { ...filledIn, username });
    return landed.url.pathname === "/sign-up/done" ? 200 : landed.response.status;
  };
  // In any spelling, or by a name that looks like it: all of them tell that alice is somebody's.
  const statuses = [await tryName("alice"), await tryName("ALICE"), await tryName("a1ice")];
  assertEquals(statuses, [400, 400, 400]);
  assertEquals(await tryName("alice"), 429);
  assertEquals(await tryName("nora"), 429, "nothing is looked up any more");

  provider.clock.advance(500); // the link is good for 10 minutes
  const again = await tryName("nora");
  assertEquals(again, 429);
});

Deno.test("choosing a free username is not counted", async () => {
  const limits = { ...defaultConfig.limits, signIn: { count: 1, seconds: 900 } };
  await using provider = await aProvider({
    config: { signUp: "open", rateLimits: true, limits },
  });
  for (const name of ["nora", "olga", "petra"]) {
    const email = `${name}@example.com`;
    const { browser } = await askForLink(provider, { alone: true, email });
    const page = await browser.open(await newestLink(provider));
    const landed = await browser.submit(page, { ...filledIn, username: name });
    assertEquals(landed.url.pathname, "/sign-up/done");
  }
});
