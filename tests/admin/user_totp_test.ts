import { assertEquals, assertStringIncludes } from "@std/assert";
import { giveApp, giveRecoveryCodes, secondFactorPath, signInFor } from "../support/factors.ts";
import { sentMails } from "../support/mails.ts";
import { editUser } from "../support/records.ts";
import { anAdminApi, problemOf } from "./api.ts";

Deno.test("an administrator can remove a user's authenticator app, and the user is told by mail", async () => {
  await using api = await anAdminApi();
  await giveApp(api.provider);
  await giveRecoveryCodes(api.provider);
  const { user: { claims } } = await api.provider.userOf("alice");
  await editUser(api.provider, "alice", { claims: { ...claims, locale: "de-AT" } });
  const { userId } = await api.provider.userOf("alice");
  assertEquals((await api.get(`/users/${userId}`)).body.has_totp, true);
  const browser = api.provider.browser();
  assertEquals((await signInFor(browser, "/account")).url.pathname, secondFactorPath);

  assertEquals((await api.call("DELETE", `/users/${userId}/totp`)).status, 204);
  assertEquals((await api.get(`/users/${userId}`)).body.has_totp, false);
  assertEquals((await api.events()).includes("totp_removed admin"), true);
  const [mail] = await sentMails(api.provider);
  assertStringIncludes(mail?.html ?? "", '<html lang="de">');
  assertEquals((await signInFor(api.provider.browser(), "/account")).url.pathname, "/account");
});

Deno.test("removing an app is 404 for a user without one, and for an unknown user", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  for (const id of [userId, "A".repeat(22), "nobody"]) {
    assertEquals(problemOf(await api.call("DELETE", `/users/${id}/totp`)), "404 not-found", id);
  }
  await giveApp(api.provider);
  const refused = await api.call("DELETE", `/users/${userId}/totp`, { token: null });
  assertEquals(refused.status, 401);
});
