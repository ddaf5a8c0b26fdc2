import { assertEquals } from "@std/assert";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as users from "../../stores/users.ts";
import { anAdminApi } from "./api.ts";

const proved = {
  email: "mara@example.com",
  email_verified: true,
  phone_number: "+1 555 0100",
  phone_number_verified: true,
};

Deno.test("a PATCH to another address or number does not keep that the old one was verified", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", { username: "mara" });
  const { email: _, email_verified: __, ...phone } = proved;
  const { phone_number: ___, phone_number_verified: ____, ...email } = proved;
  const other = "eve@example.com";
  const changes: readonly { claims: Record<string, unknown>; after: Record<string, unknown> }[] = [
    { claims: { email: other }, after: { ...phone, email: other, email_verified: false } },
    {
      claims: { email: other, email_verified: true },
      after: { ...phone, email: other, email_verified: true },
    },
    { claims: { email: other, email_verified: null }, after: { ...phone, email: other } },
    { claims: { email: "MARA@example.com" }, after: proved },
    { claims: { nickname: "M" }, after: { ...proved, nickname: "M" } },
    { claims: { email: null }, after: phone },
    {
      claims: { phone_number: "+1 555 0199" },
      after: { ...email, phone_number: "+1 555 0199", phone_number_verified: false },
    },
    { claims: { phone_number: null }, after: email },
  ];
  for (const { claims, after } of changes) {
    const before = await api.get(`/users/${id}`);
    await api.call("PUT", `/users/${id}`, {
      body: { ...before.body, claims: proved },
      headers: { "if-match": before.etag },
    });
    const { status, body } = await api.patch(`/users/${id}`, { claims });
    assertEquals([status, body.claims], [200, after], JSON.stringify(claims));
  }
  const read = await api.get(`/users/${id}`);
  const put = await api.call("PUT", `/users/${id}`, {
    body: { ...read.body, claims: { email: other } },
    headers: { "if-match": read.etag },
  });
  assertEquals([put.status, put.body.claims], [200, { email: other }]);
  const { body: { claims } } = await api.patch(`/users/${id}`, {
    claims: { email: "a@b.example" },
  });
  assertEquals(claims, { email: "a@b.example" }, "nothing was said about the old one");
});

Deno.test("nothing that a user does not have is verified, and an earlier record of that kind can be changed", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", { username: "mara" });
  for (const name of ["email_verified", "phone_number_verified"]) {
    const claims = { [name]: true };
    const replies = [
      await api.post("/users", { username: "tom", claims }),
      await api.patch(`/users/${id}`, { claims }),
    ];
    for (const { status, body } of replies) {
      assertEquals([status, body.errors?.[0]?.pointer], [422, `/claims/${name}`]);
    }
    const { status } = await api.patch(`/users/${id}`, { claims: { [name]: false } });
    assertEquals(status, 200);
  }
  await api.provider.deps.kv.step(systemOrigin, async (tx) => {
    const { user } = await tx.read({ user: users.ref(id) });
    if (isPresent(user)) users.replace(tx, user, { claims: { email_verified: true, name: "M" } });
  });
  const { status, body } = await api.patch(`/users/${id}`, { administrator: true });
  assertEquals([status, body.claims], [200, { name: "M" }]);
});
