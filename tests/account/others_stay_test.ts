import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { ask, bob } from "../support/authorization.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { editUser, renameUser } from "../support/records.ts";

const nora = "nora@example.com";
const password = "a quiet new harbour";
const filledIn = { username: "nora", name: "Nora Neu", password, password_repeat: password };

Deno.test("deleting a user whose username is another user's address removes nothing of the other", async () => {
  const mallory = { username: "mallory", password: "a loud old harbour" };
  await using api = await anAdminApi({
    config: { signUp: "open" },
    users: [alice, bob, { ...mallory, claims: {} }],
  });
  const { provider } = api;
  await renameUser(provider, "mallory", nora.toUpperCase()); // before names had to be one's own
  await api.post("/invitations", { email: nora });
  const invitation = await newestLink(provider);
  const newcomer = provider.browser();
  await newcomer.submit(await newcomer.open("/sign-up"), { email: nora });
  const signUp = await newestLink(provider);
  const asking = provider.browser();
  const login = await ask(provider, { browser: asking, parameters: { login_hint: nora } });

  const browser = await accountBrowser(provider, { ...mallory, username: nora });
  const gone = await postAccount(browser, "/account/data/delete", { username: nora });

  assertEquals(gone.url.pathname, "/account/deleted");
  assertEquals((await newcomer.open(signUp)).response.status, 200);
  assertEquals(
    (await asking.open(`${login.url.pathname}${login.url.search}`)).response.status,
    200,
  );
  const guest = provider.browser();
  const done = await guest.submit(await guest.open(invitation), filledIn);
  assertEquals(done.url.pathname, "/invitation/done");
});

Deno.test("links to an address stay valid when another user with that username is deleted", async () => {
  const mallory = { username: "mallory", password: "a loud old harbour" };
  await using api = await anAdminApi({ users: [alice, bob, mallory] });
  const { provider } = api;
  const stranger = await accountBrowser(provider, mallory);
  await renameUser(provider, "mallory", "bob@example.com");
  await editUser(provider, "bob", {
    claims: { email: "bob@example.com", email_verified: true },
  });
  const his = provider.browser();
  await his.submit(await his.open("/password-reset"), { username: "bob@example.com" });
  const link = await newestLink(provider);

  await postAccount(stranger, "/account/data/delete", { username: "bob@example.com" });

  assertEquals((await his.open(link)).response.status, 200);
  assertEquals((await sentMails(provider)).length, 1);
});
