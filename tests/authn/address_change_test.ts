import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import * as providers from "../../stores/provider.ts";
import * as users from "../../stores/users.ts";
import { createApp } from "../../routes/app.ts";
import { requestAddressChange } from "../../src/authn/address_change.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { assertProvider } from "../../stores/provider.ts";
import {
  aFailingStore,
  assertInvalidLink,
  forgedForms,
  submitAfterFailure,
} from "../journeys/one_time_links.ts";
import {
  bob,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
} from "../support/authorization.ts";
import { type Landing, newBrowser } from "../support/browser.ts";
import { aliceAddress, askForMail, newestCode, submitAtOnce } from "../support/mail_sign_in.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, deleteUser, editUser } from "../support/records.ts";
import { signInOffline, userinfo } from "../support/tokens.ts";
import { anEavesdropper } from "../support/told.ts";

const address = "alice@new.example";
const bobAddress = "bob@example.com";
const bobWithMail = { ...bob, claims: { email: bobAddress, email_verified: true } };

/** Asks for a change, as the page of the account does. */
async function askForChange(provider: TestProvider, to = address, username = "alice") {
  const { userId } = await provider.userOf(username);
  const origin = { address: "203.0.113.7", requestId: "request" };
  await provider.deps.kv.step(origin, async (tx) => {
    const read = await tx.read({ provider: providers.ref(), user: users.ref(userId) });
    if (!isPresent(read.user)) throw new Error("nobody");
    const { user } = read;
    const record = assertProvider(read.provider);
    const change = { user, provider: record, address: to, language: "en" } as const;
    await requestAddressChange(provider.deps, tx, change);
  });
}

/** The link in the newest mail to an address. */
async function linkTo(provider: TestProvider, to: string): Promise<string> {
  const toThem = (await sentMails(provider)).filter((mail) => mail.to === to);
  const links = toThem.map(({ text }) => /\/account\/email\/confirm\S+/.exec(text)?.[0]);
  return links.find((link) => link !== undefined) ?? "none";
}

async function emailOf(provider: TestProvider, username = "alice") {
  const { email, email_verified } = (await provider.userOf(username)).user.claims;
  return [email, email_verified];
}

function assertDead(landing: Landing) {
  assertInvalidLink(landing, "This link to confirm an address does not work");
}

Deno.test("a new address is the user's once it is verified, in any browser, and the old one is told both times", async () => {
  await using provider = await aProvider();
  const device = await signedInBrowser(provider);
  const tokens = await signInOffline(provider);
  await askForChange(provider);
  assertEquals((await sentMails(provider)).map(({ to }) => to).sort(), [aliceAddress, address]);
  const link = await linkTo(provider, address);
  assertMatch(link, /^\/account\/email\/confirm\?token=[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
  const told = (await sentMails(provider)).find(({ to }) => to === aliceAddress);
  assert(!told?.text.includes("token="));
  assert(!told?.text.includes(address), "the new address is nobody else's business");
  assertEquals(await emailOf(provider), [aliceAddress, true]);

  const phone = provider.browser();
  const page = await phone.open(link);
  assertStringIncludes(page.body, address);
  const done = await phone.submit(page, {});

  assertStringIncludes(done.body, "Your address is confirmed");
  assertEquals(await emailOf(provider), [address, true]);
  const [notice] = await sentMails(provider);
  assertEquals([notice?.to, notice?.subject], [
    aliceAddress,
    "Your mail address at op.example was changed",
  ]);
  const types = (await auditTrail(provider)).map(({ type }) => type);
  for (const type of ["address_change_requested", "address_changed"]) assert(types.includes(type));
  assert(await isSignedIn(provider, sessionCookie(device)), "a session ended");
  assertEquals((await (await userinfo(provider, tokens.access_token)).json()).email, address);
  assertEquals((await provider.refresh(tokens.refresh_token)).status, 200);
});

Deno.test("links and codes to the old address are invalid afterwards", async () => {
  await using provider = await aProvider();
  const link = await askForMail(provider, "link");
  const opened = await link.browser.open(await newestLink(provider));
  const code = await askForMail(provider, "code");
  const digits = await newestCode(provider);
  const resets = provider.browser();
  await resets.submit(await resets.open("/password-reset"), { username: "alice" });
  const reset = await newestLink(provider);
  await askForChange(provider);
  const phone = provider.browser();
  await phone.submit(await phone.open(await linkTo(provider, address)), {});

  const signIn = await link.browser.submit(opened, {});
  assertStringIncludes(signIn.body, "This sign-in link does not work");
  assertEquals((await code.browser.submit(code.page, { code: digits })).response.status, 401);
  assertStringIncludes((await resets.open(reset)).body, "This link does not work");
  assertEquals(sessionCookie(link.browser), undefined);

  await sentMails(provider); // the notice goes out first
  const again = await askForMail(provider, "link", { address });
  const newer = await again.browser.open(await newestLink(provider));
  assertEquals(outcomeOf(await again.browser.submit(newer, {})), "consent");
});

Deno.test("neither the work nor a mail reveals whether an address has an owner", async () => {
  const { wrap, watch } = anEavesdropper();
  await using provider = await aProvider({ users: [alice, bobWithMail], wrap });
  const work = [];
  for (const to of [bobAddress, address]) {
    work.push(await watch(() => askForChange(provider, to)));
  }
  assertEquals(work[0], work[1]);
  const told = (await sentMails(provider)).map(({ to }) => to).sort();
  assertEquals(told, [aliceAddress, aliceAddress, address]);
});

Deno.test("an address that another user got meanwhile stays theirs, and the link says so, unspent", async () => {
  await using provider = await aProvider({ users: [alice, bob] });
  await askForChange(provider);
  const browser = provider.browser();
  const link = await linkTo(provider, address);
  const page = await browser.open(link);
  await editUser(provider, "bob", { claims: { email: address, email_verified: true } });
  for (const landed of [await browser.submit(page, {}), await browser.open(link)]) {
    assertEquals(landed.response.status, 409);
    assertStringIncludes(landed.body, "This address belongs to another account");
  }
  assertEquals(await emailOf(provider), [aliceAddress, true]);
  await editUser(provider, "bob", { claims: {} });
  assertStringIncludes((await browser.submit(page, {})).body, "Your address is confirmed");
});

Deno.test("one of 50 concurrent requests with one link changes the address", async () => {
  await using provider = await aProvider();
  await askForChange(provider);
  const browser = provider.browser();
  const page = await browser.open(await linkTo(provider, address));
  const answers = await submitAtOnce(browser, page, {});
  const locations = answers.map(({ headers }) => headers.get("location"));
  assertEquals(locations.filter((location) => location?.endsWith("/done")).length, 1);
  const changed = (await auditTrail(provider)).filter(({ type }) => type === "address_changed");
  assertEquals(changed.length, 1);
});

Deno.test("the first confirmed change ends the other, and of two users one gets an address", async () => {
  await using provider = await aProvider({ users: [alice, bobWithMail] });
  const browser = provider.browser();
  await askForChange(provider, "first@new.example");
  await askForChange(provider, "second@new.example");
  const first = await browser.open(await linkTo(provider, "first@new.example"));
  const second = await browser.open(await linkTo(provider, "second@new.example"));
  await browser.submit(second, {});
  assertDead(await browser.submit(first, {}));
  assertEquals(await emailOf(provider), ["second@new.example", true]);

  await askForChange(provider, address);
  const ofAlice = await browser.open(await linkTo(provider, address));
  await askForChange(provider, address, "bob");
  const ofBob = await browser.open(await linkTo(provider, address));
  const answers = await Promise.all([browser.submit(ofAlice, {}), browser.submit(ofBob, {})]);
  assertEquals(answers.map(({ response }) => response.status).sort(), [200, 409]);
});

Deno.test("a requester cannot put text into a stranger's mail", async () => {
  const username = "Your prize waits at https://evil.example";
  await using provider = await aProvider({ users: [alice, { ...bobWithMail, username }] });
  await askForChange(provider, address, username);
  const mails = await sentMails(provider);
  const [mail] = mails.filter(({ to }) => to === address);
  assertStringIncludes(mail?.text ?? "", "/account/email/confirm?token=");
  for (const part of [mail?.subject, mail?.text, mail?.html]) {
    assert(!part?.includes("evil.example"), part);
  }
  // The page says whose address it will be.
  const page = await provider.browser().open(await linkTo(provider, address));
  assertStringIncludes(page.body, username);
});

Deno.test("a link stays valid during a rotation of the master key", async () => {
  await using provider = await aProvider();
  await askForChange(provider);
  const link = await linkTo(provider, address);
  const key = (byte: number) => new Uint8Array(32).fill(byte);
  const { deps } = provider;
  const app = createApp({ ...deps, masterKey: await masterKey(key(8), key(7), systemRandom) });
  const { issuer } = deps.config;
  const browser = newBrowser(
    async (path, init) => await app.fetch(new Request(new URL(path, issuer), init), {}),
    issuer,
  );
  await browser.submit(await browser.open(link), {});
  assertEquals(await emailOf(provider), [address, true]);
});

Deno.test("a used link is invalid, even when the old address is back", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await askForChange(provider);
  const page = await browser.open(await linkTo(provider, address));
  await browser.submit(page, {});
  await askForChange(provider, aliceAddress);
  await browser.submit(await browser.open(await linkTo(provider, aliceAddress)), {});
  assertEquals(await emailOf(provider), [aliceAddress, true]);
  assertDead(await browser.submit(page, {}));
  assertEquals(await emailOf(provider), [aliceAddress, true]);
});

Deno.test("mail scanners spend nothing, and a link is valid for its lifetime", async () => {
  await using provider = await aProvider();
  await askForChange(provider);
  const link = await linkTo(provider, address);
  for (let n = 0; n < 3; n++) {
    assertEquals((await provider.browser().open(link)).response.status, 200);
    assertEquals((await provider.request(link, { method: "HEAD" })).status, 200);
  }
  provider.clock.advance(599);
  const browser = provider.browser();
  const page = await browser.open(link);
  assertEquals(page.response.status, 200);
  provider.clock.advance(1);
  assertDead(await browser.submit(page, {}));
  assertEquals(await emailOf(provider), [aliceAddress, true]);
});

Deno.test("a link ends with a suspension, a password reset or the account", async () => {
  const changes: [string, (provider: TestProvider) => Promise<void>][] = [
    ["suspended", (provider) => editUser(provider, "alice", { status: "suspended" })],
    ["a password reset", (provider) => editUser(provider, "alice", { epoch: 2 })],
    ["deleted", (provider) => deleteUser(provider, "alice")],
  ];
  for (const [, change] of changes) {
    await using provider = await aProvider();
    await askForChange(provider);
    const browser = provider.browser();
    const page = await browser.open(await linkTo(provider, address));
    await change(provider);
    assertDead(await browser.submit(page, {}));
  }
});

Deno.test("forms of another site or browser, and wrong tokens, change nothing", async () => {
  await using provider = await aProvider();
  await askForChange(provider);
  const browser = provider.browser();
  const page = await browser.open(await linkTo(provider, address));
  const otherToken = "A".repeat(87);
  const attacks: [string, Response][] = [
    ...await forgedForms(provider, browser, page, { otherToken }),
  ];
  for (const [what, response] of attacks) assertEquals(response.status, 400, what);
  for (const query of ["?token=a&token=b", `?token=${"A".repeat(87)}`]) {
    assertDead(await browser.open(`/account/email/confirm${query}`));
  }
  assertEquals(await emailOf(provider), [aliceAddress, true]);
  assertStringIncludes((await browser.submit(page, {})).body, "Your address is confirmed");
});

Deno.test("if the commit fails, the link stays valid", async () => {
  const store = aFailingStore();
  await using provider = await aProvider({ wrap: store.wrap });
  await askForChange(provider);
  const browser = provider.browser();
  const page = await browser.open(await linkTo(provider, address));
  const landed = await submitAfterFailure(store, browser, page, {});
  assertStringIncludes(landed.body, "Your address is confirmed");
});
