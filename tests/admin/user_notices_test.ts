import { assertEquals, assertStringIncludes } from "@std/assert";
import { sentMails } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { type AdminApi, anAdminApi } from "./api.ts";

const address = "alice@example.com";
const another = "alice@harbour.example";

/** Changes alice. @returns what was sent for that */
async function noticesOf(api: AdminApi, change: unknown): Promise<[to: string, text: string][]> {
  const before = (await sentMails(api.provider)).length;
  const { userId } = await api.provider.userOf("alice");
  const changed = await api.patch(`/users/${userId}`, change);
  assertEquals(changed.status, 200, JSON.stringify(changed.body));
  const all = await sentMails(api.provider);
  return all.slice(0, all.length - before).map(({ to, text }) => [to, text]);
}

Deno.test("a user is told by mail that an administrator set another password", async () => {
  await using api = await anAdminApi();
  const [notice, ...others] = await noticesOf(api, { password: "another quiet harbour" });
  assertEquals([notice?.[0], others], [address, []]);
  assertStringIncludes(notice?.[1] ?? "", "An administrator gave the account alice");
});

Deno.test("a change of a verified address is told to the old address", async () => {
  await using api = await anAdminApi();
  const claims = { ...alice.claims, email: another };
  const [notice, ...others] = await noticesOf(api, { claims });
  assertEquals([notice?.[0], others], [address, []]);
  assertStringIncludes(notice?.[1] ?? "", "has another mail address now");

  assertEquals(await noticesOf(api, { claims: { ...claims, email_verified: false } }), []);
  assertEquals(await noticesOf(api, { claims: { ...alice.claims } }), []);
});

Deno.test("other changes by an administrator are shown only on the account page", async () => {
  await using api = await anAdminApi();
  const claims = { ...alice.claims, email: "Alice@Example.com", name: "Alice Brown" };
  assertEquals(await noticesOf(api, { claims }), []);
  assertEquals(await noticesOf(api, { username: "alison", administrator: true }), []);
});
