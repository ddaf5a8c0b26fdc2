import { assertEquals } from "@std/assert";
import { editUser } from "../support/records.ts";
import { alice, type UserEntry } from "../support/provider.ts";
import { type AdminApi, anAdminApi, problemOf, type Reply } from "./api.ts";

const names = ["bert", "cleo", "dana", "egon"];
const people: UserEntry[] = names.map((username) => ({
  username,
  password: "a quiet afternoon tea",
}));

async function anApiWith(administrators: readonly string[]): Promise<AdminApi> {
  const api = await anAdminApi({ users: [alice, ...people] });
  for (const name of administrators) await editUser(api.provider, name, { administrator: true });
  return api;
}

async function idOf(api: AdminApi, name: string): Promise<string> {
  return (await api.provider.userOf(name)).userId;
}

/** The ways in which somebody stops being an administrator. */
const ways: Record<string, (api: AdminApi, userId: string) => Promise<Reply>> = {
  "PATCH administrator": (api, id) => api.patch(`/users/${id}`, { administrator: false }),
  "PATCH status": (api, id) => api.patch(`/users/${id}`, { status: "suspended" }),
  "PUT without administrator": async (api, id) => {
    const { etag } = await api.get(`/users/${id}`);
    const body = { username: "alice" };
    return await api.call("PUT", `/users/${id}`, { body, headers: { "if-match": etag } });
  },
  "POST suspend": (api, id) => api.post(`/users/${id}/suspend`),
  DELETE: async (api, id) => {
    const { etag } = await api.get(`/users/${id}`);
    return await api.call("DELETE", `/users/${id}`, { headers: { "if-match": etag } });
  },
};

Deno.test("the only administrator cannot be demoted, suspended or deleted", async () => {
  await using api = await anApiWith(["alice"]);
  await editUser(api.provider, "bert", { administrator: true, status: "suspended" }); // he is none now
  const id = await idOf(api, "alice");
  const before = (await api.get(`/users/${id}`)).body;
  for (const [way, take] of Object.entries(ways)) {
    assertEquals(problemOf(await take(api, id)), "409 conflict", way);
  }
  assertEquals((await api.get(`/users/${id}`)).body, before);
  // Everything else of theirs can be changed.
  assertEquals((await api.patch(`/users/${id}`, { claims: { nickname: "A" } })).status, 200);
});

Deno.test("with another administrator, each of these changes works", async () => {
  for (const take of Object.values(ways)) {
    await using api = await anApiWith(["alice", "bert"]);
    const reply = await take(api, await idOf(api, "alice"));
    assertEquals([200, 204].includes(reply.status), true, JSON.stringify(reply.body));
  }
});

Deno.test("if all administrators leave at the same moment, in any way, exactly one stays", async () => {
  const all = ["alice", ...names];
  for (const take of [ways["PATCH administrator"], ways["POST suspend"], ways.DELETE]) {
    await using api = await anApiWith(all);
    const ids = await Promise.all(all.map((name) => idOf(api, name)));
    const replies = await Promise.all(ids.map((id) => take?.(api, id)));
    const done = replies.filter((reply) => reply !== undefined && reply.status < 300);
    assertEquals(done.length, all.length - 1);
    const { body } = await api.get("/users?limit=100");
    const left = body.items.filter((user: { administrator: boolean; status: string }) =>
      user.administrator && user.status === "active"
    );
    assertEquals(left.length, 1);
  }
});
