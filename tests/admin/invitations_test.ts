import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import {
  aFailingStore,
  assertInvalidLink,
  forgedForms,
  send,
  submitAfterFailure,
} from "../journeys/one_time_links.ts";
import { outcomeOf, signedInBrowser } from "../support/authorization.ts";
import type { Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aliceAddress, submitAtOnce } from "../support/mail_sign_in.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import type { ProviderOptions } from "../support/provider.ts";
import { auditTrail, editUser, snapshot } from "../support/records.ts";
import { type AdminApi, anAdminApi, everyItem, problemOf } from "./api.ts";

const inviting: ProviderOptions = { config: { signUp: "invited" } };
const email = "nora@example.com";
const password = "a quiet new harbour";
const filledIn = { username: "nora", name: "Nora Neu", password, password_repeat: password };

async function invite(api: AdminApi, body: Record<string, unknown> = {}) {
  const { status, body: invitation, etag } = await api.post("/invitations", { email, ...body });
  assertEquals(status, 201, JSON.stringify(invitation));
  return { ...invitation, etag, link: await newestLink(api.provider) };
}

async function people(api: AdminApi): Promise<number> {
  return (await everyItem(api, "/users")).length;
}

function assertDead(landing: Landing) {
  assertInvalidLink(landing, "This invitation does not work");
}

Deno.test("an invited user creates the account that the administrator described, with the verified address", async () => {
  const shop = aClient("shop", { client_uri: "https://shop.example/" });
  await using api = await anAdminApi({ ...inviting, clients: [shop] });
  const claims = { name: "Nora", locale: "de" };
  const { id, link, ...told } = await invite(api, {
    username: "nora",
    claims,
    administrator: true,
    client_id: "shop",
    language: "de",
  });
  assertEquals(told.status, "pending");
  assert(!JSON.stringify(told).includes("token"));
  const [mail] = await sentMails(api.provider);
  assertEquals([mail?.to, mail?.subject], [email, "Sie sind zu op.example eingeladen"]);
  assertMatch(link, /^\/invitation\?token=[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);

  const browser = api.provider.browser();
  const page = await browser.open(link);
  for (const text of ['value="nora"', 'value="Nora"', email]) assertStringIncludes(page.body, text);
  const done = await browser.submit(page, filledIn);

  assertEquals(done.url.pathname, "/invitation/done");
  assertStringIncludes(done.body, 'href="https://shop.example/"');
  const { user, userId } = await api.provider.userOf("nora");
  const proved = { email, email_verified: true };
  assertEquals(user.claims, { ...claims, name: "Nora Neu", ...proved });
  assertEquals(user.administrator, true);
  const after = await api.get(`/invitations/${id}`);
  assertEquals([after.body.status, after.body.user_id], ["accepted", userId]);
  await signedInBrowser(api.provider, { user: { username: "nora", password } });
  const events = await api.events();
  for (const type of ["invitation_created", "invitation_accepted", "user_created"]) {
    assert(events.includes(type), type);
  }
  const [created] = (await auditTrail(api.provider)).filter(({ type }) =>
    type === "invitation_created"
  );
  assertEquals(created?.actor, "client:ops");
});

Deno.test("an invited user can use no mail address as username except the invited one", async () => {
  await using api = await anAdminApi(inviting);
  const { link } = await invite(api);
  const browser = api.provider.browser();
  const page = await browser.open(link);
  const taken = await browser.submit(page, { ...filledIn, username: "victim@corp.example" });
  assertEquals(taken.response.status, 400);
  assertStringIncludes(taken.body, "Somebody else has this username");
  assertEquals(
    (await browser.submit(page, { ...filledIn, username: email })).url.pathname,
    "/invitation/done",
  );
  const wanted = { email: "tom@example.com", username: "tom@corp.example" };
  assertEquals((await api.post("/invitations", wanted)).status, 422);
  const own = { ...wanted, username: "Tom@Example.com" };
  assertEquals((await api.post("/invitations", own)).body.username, "tom@example.com");
});

Deno.test("invitations can be listed and read, without their links", async () => {
  await using api = await anAdminApi(inviting);
  const { id, link, etag } = await invite(api);
  await invite(api, { email: "tom@example.com" });
  const items = await everyItem(api, "/invitations?limit=1");
  assertEquals(items.map((item) => item.email).sort(), [email, "tom@example.com"]);
  const read = await api.get(`/invitations/${id}`);
  assertEquals(read.etag, etag);
  const again = await api.get(`/invitations/${id}`, { "if-none-match": etag });
  assertEquals(again.status, 304);
  const token = link.split("token=")[1] ?? "";
  const [, secret = ""] = token.split(".");
  for (const [key, value] of await snapshot(api.provider.backend)) {
    assert(!`${key}${JSON.stringify(value)}`.includes(secret), key);
  }
});

Deno.test("an invalid invitation is refused and sends no mail", async () => {
  await using api = await anAdminApi(inviting);
  const cases: [Record<string, unknown>, string][] = [
    [{}, "422 validation-failed"],
    [{ email: "nobody" }, "422 validation-failed"],
    [{ email: "a@example.com, b@example.com" }, "422 validation-failed"],
    [{ email: "a@example.com\r\nBcc: b@example.com" }, "422 validation-failed"],
    [{ email, username: " " }, "422 validation-failed"],
    [{ email, claims: { email: "other@example.com" } }, "422 validation-failed"],
    [{ email, claims: { email_verified: true } }, "422 validation-failed"],
    [{ email, client_id: "unknown" }, "422 validation-failed"],
    [{ email, language: "fr" }, "422 validation-failed"],
    [{ email, password: "x" }, "422 validation-failed"],
    [{ email: aliceAddress }, "409 conflict"],
    [{ email, username: "ALICE" }, "409 conflict"],
  ];
  for (const [body, problem] of cases) {
    assertEquals(problemOf(await api.post("/invitations", body)), problem, JSON.stringify(body));
  }
  assertEquals(await sentMails(api.provider), []);
  for (const [method, path] of [["GET", "/x"], ["POST", "/x/resend"], ["DELETE", "/x"]] as const) {
    assertEquals(problemOf(await api.call(method, `/invitations${path}`)), "404 not-found");
  }
  assertEquals((await api.call("GET", "/invitations", { token: null })).status, 401);
});

Deno.test("50 concurrent posts with one idempotency key create one invitation and send one mail", async () => {
  await using api = await anAdminApi(inviting);
  const key = { "idempotency-key": "a-key" };
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => api.post("/invitations", { email }, key)),
  );
  assertEquals(new Set(replies.map(({ body }) => body.id)).size, 1);
  assertEquals((await sentMails(api.provider)).length, 1);
});

Deno.test("50 concurrent requests with one invitation create one account", async () => {
  await using api = await anAdminApi(inviting);
  const { link } = await invite(api);
  const browser = api.provider.browser();
  const page = await browser.open(link);
  const answers = await submitAtOnce(browser, page, filledIn);
  const made = answers.filter(({ headers }) => headers.get("location") === "/invitation/done");
  assertEquals(made.length, 1);
  assertEquals(await people(api), 2);
  assertDead(await browser.open(link));
  assertDead(await browser.submit(page, { ...filledIn, username: "another" }));
});

Deno.test("mail scanners that open the link do not spend the invitation", async () => {
  await using api = await anAdminApi(inviting);
  const { link } = await invite(api);
  for (let n = 0; n < 3; n++) {
    assertEquals((await api.provider.browser().open(link)).response.status, 200);
    assertEquals((await api.provider.request(link, { method: "HEAD" })).status, 200);
  }
  const browser = api.provider.browser();
  const done = await browser.submit(await browser.open(link), filledIn);
  assertEquals(done.url.pathname, "/invitation/done");
});

Deno.test("resending makes the old link invalid, and the new one has a full lifetime", async () => {
  await using api = await anAdminApi(inviting);
  const { id, link, expires_at } = await invite(api);
  api.provider.clock.advance(3000);
  const resent = await api.post(`/invitations/${id}/resend`);
  assertEquals([resent.status, resent.body.expires_at], [200, expires_at + 3000]);
  const newer = await newestLink(api.provider);
  const browser = api.provider.browser();
  assertDead(await browser.open(link));
  api.provider.clock.advance(7 * 86_400 - 1);
  const page = await browser.open(newer);
  assertEquals(page.response.status, 200);
  api.provider.clock.advance(1);
  assertDead(await browser.submit(page, filledIn));
  await api.renewToken();
  assertEquals(problemOf(await api.get(`/invitations/${id}`)), "404 not-found");
});

Deno.test("a withdrawn invitation is invalid, and an accepted one cannot be withdrawn", async () => {
  await using api = await anAdminApi(inviting);
  const browser = api.provider.browser();
  const first = await invite(api);
  const page = await browser.open(first.link);
  const path = `/invitations/${first.id}`;
  assertEquals(problemOf(await api.call("DELETE", path)), "428 precondition-required");
  const stale = { "if-match": '"other"' };
  assertEquals(
    problemOf(await api.call("DELETE", path, { headers: stale })),
    "412 precondition-failed",
  );
  assertEquals(
    (await api.call("DELETE", path, { headers: { "if-match": first.etag } })).status,
    204,
  );
  assertDead(await browser.submit(page, filledIn));
  assertDead(await browser.open(first.link));
  assertEquals(await people(api), 1);
  assert((await api.events()).includes("invitation_withdrawn"));

  const second = await invite(api);
  await browser.submit(await browser.open(second.link), filledIn);
  const accepted = `/invitations/${second.id}`;
  const any = { headers: { "if-match": "*" } };
  assertEquals(problemOf(await api.call("DELETE", accepted, any)), "409 conflict");
  assertEquals(problemOf(await api.post(`${accepted}/resend`)), "409 conflict");
});

Deno.test("an invitation is invalid once a user has its address, and after a restored backup until it is sent again", async () => {
  await using api = await anAdminApi(inviting);
  const browser = api.provider.browser();
  const { id, link } = await invite(api);
  const page = await browser.open(link);
  await editUser(api.provider, "alice", { claims: { email, email_verified: true } });
  assertDead(await browser.submit(page, filledIn));
  await editUser(api.provider, "alice", { claims: {} });
  assertEquals(
    (await browser.open(link)).response.status,
    200,
    "it was refused, and so is unspent",
  );
  await raiseEpoch(api.provider.deps);
  await api.renewToken();
  assertDead(await browser.submit(page, filledIn));
  await api.post(`/invitations/${id}/resend`);
  const again = await browser.open(await newestLink(api.provider));
  assertEquals((await browser.submit(again, filledIn)).url.pathname, "/invitation/done");
});

Deno.test("forms of another site or browser, wrong tokens and rejected forms do not spend the invitation", async () => {
  await using api = await anAdminApi(inviting);
  const { provider } = api;
  const { link } = await invite(api);
  const browser = provider.browser();
  let page = await browser.open(link);
  const otherToken = `${"A".repeat(22)}.${"A".repeat(43)}`;
  const attacks: [string, Response][] = [
    ...await forgedForms(provider, browser, page, { fields: filledIn, otherToken }),
    [
      "a short password",
      await send(browser, page, { fields: { ...filledIn, password: "short" } }),
    ],
    [
      "a name that somebody has",
      await send(browser, page, { fields: { ...filledIn, username: "alice" } }),
    ],
  ];
  for (const [what, response] of attacks) {
    // What has to be corrected is told once its page is known, which the answer leads to.
    const corrects = response.headers.get("location")?.startsWith("/invitation?") === true;
    assertEquals(corrects ? 400 : response.status, 400, what);
  }
  for (
    const query of ["?token=a&token=b", `?token=${"A".repeat(22)}.${"A".repeat(43)}`]
  ) {
    assertDead(await browser.open(`/invitation${query}`));
  }
  assertEquals(await people(api), 1);
  page = await browser.submit(page, { ...filledIn, username: "Alice" });
  assertStringIncludes(page.body, "Somebody else has this username");
  assertEquals((await browser.submit(page, filledIn)).url.pathname, "/invitation/done");
});

Deno.test("if the commit fails, the invitation stays valid", async () => {
  const store = aFailingStore();
  await using api = await anAdminApi({ ...inviting, wrap: store.wrap });
  const { link } = await invite(api);
  const browser = api.provider.browser();
  const page = await browser.open(link);
  const landed = await submitAfterFailure(store, browser, page, filledIn);
  assertEquals(landed.url.pathname, "/invitation/done");
});

Deno.test("with closed sign-up nobody can be invited, and earlier invitations are not accepted", async () => {
  await using api = await anAdminApi({ config: { signUp: "closed" } });
  assertEquals(problemOf(await api.post("/invitations", { email })), "409 conflict");
  const page = await api.provider.browser().open(`/invitation?token=${"A".repeat(22)}`);
  assertEquals(page.response.status, 403);
  assertEquals(outcomeOf(page), "page access_denied");
  await using open = await anAdminApi({ config: { signUp: "open" } });
  await invite(open);
});
