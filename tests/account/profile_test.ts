import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser, postAccount } from "../support/account.ts";
import { formOf, type Landing } from "../support/browser.ts";
import { formAnswer } from "../support/form_answer.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { signIn, userinfo } from "../support/tokens.ts";

const path = "/account/profile";

/** The fields of the profile's form as a browser has them, hidden ones too. */
function fieldsOf({ body }: Landing): Record<string, string> {
  const [form = ""] = /<form[^>]*action="\/account\/profile"[\s\S]*?<\/form>/.exec(body) ?? [];
  const { hidden } = formOf(form);
  const typed = [...form.matchAll(/<input\b[^>]*>/g)].map(([input]) => [
    /\bname="([^"]*)"/.exec(input)?.[1] ?? "",
    /\bvalue="([^"]*)"/.exec(input)?.[1] ?? "",
  ]);
  return { ...Object.fromEntries(typed), ...hidden };
}

async function claimsOf(provider: TestProvider) {
  return (await provider.userOf("alice")).user.claims;
}

Deno.test("a changed profile is at userinfo at once, and the event names only fields", async () => {
  await using provider = await aProvider();
  const tokens = await signIn(provider, {
    parameters: { scope: "openid profile phone address" },
  });
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  assertEquals(form.name, "Alice Adams");
  const landing = await postAccount(browser, path, {
    ...form,
    nickname: "Ali",
    picture: "https://img.example/a.png",
    phone_number: "+49 30 123456",
    street_address: "Main Street 1",
    country: "DE",
  });
  assertEquals(landing.url.pathname + landing.url.search, `${path}?done=saved`);
  assertStringIncludes(landing.body, "Your profile is saved.");
  assert(!landing.body.includes('src="https://img.example'), "a page of ours loads the picture");

  const claims = await (await userinfo(provider, tokens.access_token)).json();
  assertEquals(claims.nickname, "Ali");
  assertEquals(claims.phone_number_verified, false);
  assertEquals(claims.address, { street_address: "Main Street 1", country: "DE" });
  const event = (await auditTrail(provider)).find(({ type }) => type === "profile_updated");
  assertEquals(event?.reason, "nickname picture phone_number street_address country");
  assert(!JSON.stringify(event).includes("Main Street"));
});

Deno.test("a phone number that changes is not verified any more, and one that stays is", async () => {
  await using provider = await aProvider();
  const claims = { name: "Alice", phone_number: "+1 555 0100", phone_number_verified: true };
  await editUser(provider, "alice", { claims });
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...form, nickname: "A" });
  assertEquals((await claimsOf(provider)).phone_number_verified, true);
  const later = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...later, phone_number: "+1 555 0199" });
  assertEquals((await claimsOf(provider)).phone_number_verified, false);
  const last = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...last, phone_number: "" });
  assertEquals(await claimsOf(provider), { name: "Alice", nickname: "A" });
});

Deno.test("each wrong field shows its error and the typed value, and nothing is saved", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  const before = await claimsOf(provider);
  const wrong: [string, string][] = [
    ["name", "x".repeat(1025)],
    ["name", "Ali\u0007ce"],
    ["picture", "http://img.example/a.png"],
    ["picture", "data:image/png;base64,AAAA"],
    ["website", "javascript:alert(1)"],
    ["website", "https://user@example.com/"],
    ["birthdate", "2023-02-30"],
    ["birthdate", "31.12.1990"],
    ["zoneinfo", "Mars/Olympus"],
    ["locale", "not a tag"],
    ["phone_number", "call me"],
    ["country", "x".repeat(1025)],
  ];
  for (const [field, value] of wrong) {
    const landing = await postAccount(browser, path, { ...form, nickname: "kept", [field]: value });
    assertEquals(landing.response.status, 400, `${field} ${value}`);
    assertStringIncludes(landing.body, `<a href="#${field}">`);
    assertStringIncludes(landing.body, `id="${field}-error"`);
    assertEquals(fieldsOf(landing).nickname, "kept");
    assertEquals(await claimsOf(provider), before);
  }
  for (const [field, value] of [["birthdate", "1990"], ["birthdate", "0000-02-29"]] as const) {
    const fresh = fieldsOf(await browser.open(path));
    const landing = await postAccount(browser, path, { ...fresh, [field]: value });
    assertEquals(landing.response.status, 200, value);
  }
});

Deno.test("two tabs that save do not overwrite each other: the second sees both, and decides", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const one = fieldsOf(await browser.open(path));
  const other = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...one, nickname: "From the first" });

  const conflict = await postAccount(browser, path, { ...other, nickname: "From the second" });
  assertEquals(conflict.response.status, 409);
  assertStringIncludes(conflict.body, "Your profile was changed meanwhile");
  assertStringIncludes(conflict.body, "Saved now: From the first");
  assertEquals((await claimsOf(provider)).nickname, "From the first");

  await browser.open(path, { method: "POST", body: new URLSearchParams(fieldsOf(conflict)) });
  assertEquals((await claimsOf(provider)).nickname, "From the second");
});

Deno.test("a mistake in an old tab does not hide that the profile was changed", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const old = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...old, nickname: "newer" });
  const wrong = await postAccount(browser, path, { ...old, nickname: "old", picture: "no" });
  assertEquals(wrong.response.status, 400);
  const again = await postAccount(browser, path, { ...fieldsOf(wrong), picture: "" });
  assertEquals(again.response.status, 409);
  assertEquals((await claimsOf(provider)).nickname, "newer");
});

Deno.test("if several tabs save at the same moment, one is saved, and the others are told", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  const statuses = await Promise.all(Array.from({ length: 10 }, async (_, n) => {
    const body = new URLSearchParams({ ...form, nickname: `tab ${n}` });
    const response = await browser.send(path, { method: "POST", body });
    return (await formAnswer(provider.deps, response)).status;
  }));
  assertEquals(statuses.filter((status) => status === 303).length, 1);
  assertEquals(statuses.filter((status) => status === 409).length, 9);
});

Deno.test("a value that an operator has set stays when a user changes something else", async () => {
  await using provider = await aProvider();
  const claims = {
    email: "alice@example.com",
    email_verified: true,
    gender: "x",
    website: "ftp://old.example/",
    address: { formatted: "All in one\nline", street_address: "Two\nlines", locality: "Town" },
  };
  await editUser(provider, "alice", { claims });
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  assertEquals(form.street_address, "Two, lines");
  await postAccount(browser, path, { ...form, nickname: "A", email: "evil@example.com" });
  assertEquals(await claimsOf(provider), { ...claims, nickname: "A" });
  const later = fieldsOf(await browser.open(path));
  await postAccount(browser, path, { ...later, locality: "Village" });
  const address = { street_address: "Two\nlines", locality: "Village" };
  assertEquals(await claimsOf(provider), { ...claims, nickname: "A", address });
});

Deno.test("a form full of blanks takes no longer than one full of letters", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  const least: Record<string, number> = {};
  for (const filling of ["x", " ", "x", " "]) {
    const begun = performance.now();
    const name = `A${filling.repeat(60_000)}B`;
    assertEquals((await postAccount(browser, path, { ...form, name })).response.status, 400);
    least[filling] = Math.min(least[filling] ?? Infinity, performance.now() - begun);
  }
  const [letters = 0, blanks = Infinity] = [least.x, least[" "]];
  assert(blanks < 200 * letters, `${blanks} ms, and with letters ${letters} ms`);
});

Deno.test("an address of several lines becomes one, without empty parts", async () => {
  await using provider = await aProvider();
  const claims = { address: { street_address: " 1 Main Street \r\n \n\tApartment 2\n" } };
  await editUser(provider, "alice", { claims });
  const browser = await accountBrowser(provider);
  const form = fieldsOf(await browser.open(path));
  assertEquals(form.street_address, "1 Main Street, Apartment 2");
});
