import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { byGroup } from "../../stores/group_members.ts";
import * as groups from "../../stores/groups.ts";
import { aClient } from "../support/clients.ts";
import { editUser } from "../support/records.ts";
import { signIn, userinfo } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, everyItem, problemOf } from "./api.ts";

const wiki = aClient("wiki", { scope: "openid profile groups", id_token_scope_claims: true });

async function idOf(api: AdminApi, username: string): Promise<string> {
  return (await api.get(`/users?username=${username}`)).body.items[0].id;
}

const put = (api: AdminApi, path: string) => api.call("PUT", path);
const anyState = { headers: { "if-match": "*" } };

Deno.test("a group can be created, read, described and deleted, and tells who is in it", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/groups", { group: "Ops & Co", description: "on call" });
  assertEquals(problemOf(created), "422 validation-failed");
  const path = `/groups/${encodeURIComponent("Ops/Team 1")}`;
  const made = await api.post("/groups", { group: "Ops/Team 1", description: "on call" });
  assertEquals([made.status, made.headers.get("location")], [201, `/api/v1${path}`]);
  const now = api.provider.clock.seconds();
  const times = { created_at: now, updated_at: now };
  assertEquals(made.body, {
    group: "Ops/Team 1",
    description: "on call",
    deleting: false,
    ...times,
  });
  assertEquals(problemOf(await api.post("/groups", { group: "Ops/Team 1" })), "409 conflict");
  assertEquals(problemOf(await api.patch(path, { group: "other" })), "422 validation-failed");
  assertEquals((await api.patch(path, { description: "off" })).body.description, "off");

  const alice = await idOf(api, "alice");
  assertEquals((await put(api, `${path}/members/${alice}`)).status, 204);
  assertEquals((await put(api, `${path}/members/${alice}`)).status, 204, "again");
  assertEquals((await api.get(`${path}/members`)).body.items, [
    { id: alice, username: "alice", status: "active", since: now },
  ]);
  assertEquals((await api.get(`/users/${alice}`)).body.groups, ["Ops/Team 1"]);
  // What was read can be sent back; the groups are changed at the group.
  assertEquals((await api.patch(`/users/${alice}`, { groups: ["Ops/Team 1"] })).status, 200);
  const left = await api.patch(`/users/${alice}`, { groups: [] });
  assertEquals(problemOf(left), "422 validation-failed");
  for (const other of ["/groups/none/members", "/groups/none", `/groups/${"a".repeat(65)}`]) {
    assertEquals(problemOf(await api.get(other)), "404 not-found", other);
  }
  assertEquals(problemOf(await put(api, `/groups/none/members/${alice}`)), "404 not-found");
  assertEquals(problemOf(await put(api, `${path}/members/${"a".repeat(22)}`)), "404 not-found");
  assertEquals((await api.call("DELETE", `${path}/members/${alice}`)).status, 204);
  assertEquals((await api.get(`/users/${alice}`)).body.groups, []);

  assertEquals(problemOf(await api.call("DELETE", path)), "428 precondition-required");
  assertEquals((await api.call("DELETE", path, anyState)).status, 204);
  assertEquals(problemOf(await api.get(path)), "404 not-found");
  const events = (await api.events()).filter((type) => type.startsWith("group_"));
  assertEquals(events.sort(), [
    "group_created",
    "group_deleted",
    "group_member_added",
    "group_member_removed",
    "group_updated",
  ]);
});

Deno.test("a group's members are listed in pages, and leave it when it or they are deleted", async () => {
  await using api = await anAdminApi();
  await api.post("/groups", { group: "staff" });
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) {
    const { body } = await api.post("/users", { username: `user${n}` });
    ids.push(body.id);
    await put(api, `/groups/staff/members/${body.id}`);
  }
  const first = await api.get("/groups/staff/members?limit=3");
  assertEquals([first.body.items.length, typeof first.body.next_cursor], [3, "string"]);
  const listed = async () =>
    (await everyItem(api, "/groups/staff/members")).map(({ id }) => id).sort();
  assertEquals(await listed(), ids.toSorted());
  await api.call("DELETE", `/users/${ids[0]}`, anyState);
  assertEquals(await listed(), ids.slice(1).toSorted());
  const { entries } = await api.provider.deps.kv.list({ collection: byGroup, limit: 100 });
  assertEquals(entries.length, 6, "no entry of the index outlives its user");

  assertEquals((await api.call("DELETE", "/groups/staff", anyState)).status, 204);
  for (const id of ids.slice(1)) {
    assertEquals((await api.get(`/users/${id}`)).body.groups, []);
  }
  // A later group of this name begins empty.
  await api.post("/groups", { group: "staff" });
  assertEquals(await listed(), []);
});

Deno.test("no addition to a group outlives its deletion at the same moment", async () => {
  await using api = await anAdminApi();
  const { body } = await api.post("/users", { username: "mara" });
  for (let round = 0; round < 8; round++) {
    await api.post("/groups", { group: "staff" });
    const answers = await Promise.all([
      put(api, `/groups/staff/members/${body.id}`),
      api.call("DELETE", "/groups/staff", anyState),
      put(api, `/groups/staff/members/${body.id}`),
    ]);
    assertEquals(answers[1]?.status, 204);
    assertEquals((await api.get(`/users/${body.id}`)).body.groups, []);
  }
});

Deno.test("an application sees the groups of a person at once, if it is registered for them", async () => {
  await using api = await anAdminApi({ clients: [wiki, aClient("shop")] });
  const { provider } = api;
  const alice = await idOf(api, "alice");
  await api.post("/groups", { group: "admins" });
  await api.post("/groups", { group: "staff" });
  const parameters = { scope: "openid groups" };
  const { access_token, id_token } = await signIn(provider, { client: "wiki", parameters });
  const told = async () => (await (await userinfo(provider, access_token)).json()).groups;
  assertEquals([await told(), decodeJwt(id_token).groups], [[], []], "an empty list, not nothing");
  await put(api, `/groups/staff/members/${alice}`);
  await put(api, `/groups/admins/members/${alice}`);
  assertEquals(await told(), ["admins", "staff"]);
  await api.call("DELETE", `/groups/admins/members/${alice}`);
  assertEquals(await told(), ["staff"]);

  // A client that is not registered for the scope gets it neither as a scope nor as a claim.
  const claims = JSON.stringify({ userinfo: { groups: null }, id_token: { groups: null } });
  const asked = { scope: "openid", claims };
  const shop = await signIn(provider, { client: "shop", parameters: asked });
  const { groups } = await (await userinfo(provider, shop.access_token)).json();
  assertEquals([groups, decodeJwt(shop.id_token).groups, shop.scope], [
    undefined,
    undefined,
    "openid",
  ]);
});

Deno.test("a user is in at most 100 groups", async () => {
  await using api = await anAdminApi();
  const alice = await idOf(api, "alice");
  for (let n = 0; n <= 100; n++) {
    await api.post("/groups", { group: `g${n}` });
    const answer = await put(api, `/groups/g${n}/members/${alice}`);
    assertEquals(answer.status, n < 100 ? 204 : 409);
  }
});

Deno.test("only names that every application can compare are taken", async () => {
  await using api = await anAdminApi();
  const table: [group: unknown, status: number][] = [
    ["a", 201],
    ["Ä-team", 201],
    ["cn:admin@eu/west+1_x.y", 201],
    ["A\u0308-team", 422],
    ["", 422],
    [" a", 422],
    ["a ", 422],
    ["a,b", 422],
    ["a\nb", 422],
    ["a\u202eb", 422],
    ["-a", 422],
    ["a".repeat(65), 422],
    [7, 422],
    [null, 422],
  ];
  for (const [group, status] of table) {
    assertEquals((await api.post("/groups", { group })).status, status, JSON.stringify(group));
  }
  assertEquals((await api.call("GET", "/groups", { token: null })).status, 401);
});

Deno.test("an index entry whose user's record lacks the group leaves with the group", async () => {
  await using api = await anAdminApi();
  const alice = await idOf(api, "alice");
  await api.post("/groups", { group: "staff" });
  await put(api, `/groups/staff/members/${alice}`);
  await editUser(api.provider, "alice", { groups: [] }); // as by a release that knows no groups
  assertEquals((await api.call("DELETE", "/groups/staff", anyState)).status, 204);
  await api.post("/groups", { group: "staff" });
  assertEquals((await api.get("/groups/staff/members")).body.items, []);
});

Deno.test("a group whose deletion was interrupted says so, takes nobody, and can be deleted again", async () => {
  await using api = await anAdminApi();
  const alice = await idOf(api, "alice");
  await api.post("/groups", { group: "staff" });
  await put(api, `/groups/staff/members/${alice}`);
  const { body: mara } = await api.post("/users", { username: "mara" });
  await api.provider.deps.kv.step(systemOrigin, async (tx) => {
    const { group } = await tx.read({ group: groups.ref("staff") });
    if (isPresent(group)) groups.beginRemoval(tx, group);
  });
  assertEquals((await api.get("/groups/staff")).body.deleting, true);
  assertEquals(problemOf(await put(api, `/groups/staff/members/${mara.id}`)), "409 conflict");
  assertEquals((await api.call("DELETE", "/groups/staff", anyState)).status, 204);
  assertEquals((await api.get(`/users/${alice}`)).body.groups, []);
});
