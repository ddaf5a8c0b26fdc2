import { assertEquals, assertStringIncludes } from "@std/assert";
import { fill } from "../../src/language/fill.tsx";
import { strings } from "../../src/language/languages.ts";
import { bob, outcomeOf } from "../support/authorization.ts";
import { sentMails } from "../support/mails.ts";
import { registerPasskey, signInWithPasskey, withPasskey } from "../support/passkeys.ts";
import { alice } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { passkeysOf } from "../authn/passkeys/records.ts";
import { anAdminApi, problemOf } from "./api.ts";

Deno.test("a user's passkeys are counted and listed, without their keys", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  await withPasskey(provider, { synced: true });
  const { userId } = await provider.userOf("alice");
  assertEquals((await api.get(`/users/${userId}`)).body.passkeys, 1);
  const { status, body } = await api.get(`/users/${userId}/passkeys`);
  const [record] = await passkeysOf(provider);
  assertEquals([status, body.next_cursor], [200, null]);
  assertEquals(body.items, [{
    id: record?.id,
    name: "Passkey",
    device_type: "multi_device",
    backed_up: true,
    aaguid: "00000000-0000-0000-0000-000000000000",
    transports: ["internal", "hybrid"],
    created_at: record?.createdAt,
    last_used_at: null,
    copy_suspected_at: null,
  }]);
  assertEquals(JSON.stringify(body).includes(record?.publicKey ?? ""), false);
});

Deno.test("a user can be sent back as it was read, with all members", async () => {
  await using api = await anAdminApi();
  await withPasskey(api.provider);
  const { userId } = await api.provider.userOf("alice");
  const { body, etag } = await api.get(`/users/${userId}`);
  const options = { body: { ...body, passkeys: 0 }, headers: { "if-match": etag } };
  assertEquals((await api.call("PUT", `/users/${userId}`, options)).status, 200);
  assertEquals((await passkeysOf(api.provider)).length, 1);
});

Deno.test("an administrator can remove the passkey of a lost device, even the last one", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const lost = await withPasskey(provider);
  const kept = await withPasskey(provider);
  await editUser(provider, "alice", {
    passwordHash: null,
    claims: { ...alice.claims, locale: "de-AT" },
  });
  const { userId } = await provider.userOf("alice");
  const [first, second] = await passkeysOf(provider);
  const url = `/users/${userId}/passkeys`;
  assertEquals((await api.call("DELETE", `${url}/${first?.id}`)).status, 204);
  assertEquals((await signInWithPasskey(provider, lost)).response.status, 401);
  assertEquals(outcomeOf(await signInWithPasskey(provider, kept)), "consent");
  const { subject } = strings("de").mail.accountNotice.reasons.passkey_removed;
  const subjects = (await sentMails(provider)).map((mail) => mail.subject);
  assertEquals(subjects.includes(fill(subject, { host: "op.example" })), true);
  assertEquals((await api.call("DELETE", `${url}/${second?.id}`)).status, 204);
  assertEquals((await signInWithPasskey(provider, kept)).response.status, 401);
  const { body } = await api.get("/audit-events?type=passkey_removed");
  assertEquals(
    body.items.map((event: { actor: string; user_id: string }) => [event.actor, event.user_id]),
    [["client:ops", userId], ["client:ops", userId]],
  );
  assertEquals((await api.get(url)).body.items, []);
});

Deno.test("a passkey is removed only at its own user, and only by an administrator", async () => {
  await using api = await anAdminApi({ users: [alice, bob] });
  const { provider } = api;
  await withPasskey(provider);
  await registerPasskey(provider, { user: bob });
  const [ofAlice] = await passkeysOf(provider);
  const { userId: bobsId } = await provider.userOf("bob");
  const { userId } = await provider.userOf("alice");
  const attempts = {
    "another person's": await api.call("DELETE", `/users/${bobsId}/passkeys/${ofAlice?.id}`),
    "nobody's": await api.call("DELETE", `/users/${userId}/passkeys/${"A".repeat(43)}`),
    "no id": await api.call("DELETE", `/users/${userId}/passkeys/__proto__`),
  };
  for (const [what, reply] of Object.entries(attempts)) {
    assertStringIncludes(problemOf(reply), "404", what);
  }
  const anonymous = await api.call("DELETE", `/users/${userId}/passkeys/${ofAlice?.id}`, {
    token: null,
  });
  assertEquals(anonymous.status, 401);
  assertEquals((await passkeysOf(provider)).length, 1);
  assertEquals((await passkeysOf(provider, "bob")).length, 1);
});
