import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { newestLink } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { editUser, snapshot } from "../support/records.ts";
import { signIn, signInOffline, userinfo } from "../support/tokens.ts";
import {
  ask,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  submitLogin,
} from "../support/authorization.ts";
import { type AdminApi, anAdminApi, everyItem, problemOf } from "./api.ts";
import { addSessions } from "./sessions.ts";

const mara = {
  username: "mara",
  password: "quiet harbour",
  claims: { name: "Mara Lindqvist", email: "mara@example.com", email_verified: true },
};

Deno.test("a created user can be read, and can sign in", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/users", mara);
  assertEquals(created.status, 201);
  assertEquals(created.headers.get("location"), `/api/v1/users/${created.body.id}`);
  const now = api.provider.clock.seconds();
  assertEquals(created.body, {
    id: created.body.id,
    username: "mara",
    claims: mara.claims,
    status: "active",
    administrator: false,
    custom_claims: {},
    groups: [],
    has_password: true,
    must_change_password: true,
    passkeys: 0,
    has_totp: false,
    created_at: now,
    updated_at: now,
  });

  const found = await api.get(`/users/${created.body.id}`);
  assertEquals([found.status, found.body], [200, created.body]);
  assert(found.etag !== "" && found.etag === created.etag);
  await editUser(api.provider, "mara", { mustChangePassword: false }); // as if she had
  await signIn(api.provider, { client: "shop", user: { ...mara } });
  assertEquals(await actorOf(api, "user_created"), "client:ops");
});

Deno.test("an administrator can change a user who signed up with an address", async () => {
  await using api = await anAdminApi({ config: { signUp: "open" } });
  for (
    const [email, canonical] of [
      ["J\u00f6rg@b\u00fccher.example", "j\u00f6rg@b\u00fccher.example"],
      ["root@intranet", "root@intranet"],
    ] as const
  ) {
    const browser = api.provider.browser();
    await browser.submit(await browser.open("/sign-up"), { email });
    const page = await browser.open(await newestLink(api.provider));
    const { password } = mara;
    const names = { username: email, name: "Somebody" };
    await browser.submit(page, { ...names, password, password_repeat: password });
    const { userId } = await api.provider.userOf(email);
    const patched = await api.patch(`/users/${userId}`, { claims: { nickname: "S" } });
    assertEquals([patched.status, patched.body.claims?.email], [200, canonical]);
    assertEquals(patched.body.username, canonical);
  }
});

Deno.test("a username or a verified mail address belongs to one user", async () => {
  await using api = await anAdminApi();
  await api.post("/users", mara);
  for (const username of ["mara", "ALICE", "MARA"]) {
    const reply = await api.post("/users", { username });
    assertEquals(problemOf(reply), "409 conflict");
  }
  const { body: other } = await api.post("/users", { username: "other" });
  for (
    const twin of [
      await api.post("/users", { username: "twin", claims: mara.claims }),
      await api.patch(`/users/${other.id}`, { claims: mara.claims }),
    ]
  ) {
    assertEquals(problemOf(twin), "409 conflict");
    assertEquals(twin.body.detail, "another user has verified this mail address");
  }
  assertEquals(
    problemOf(await api.patch(`/users/${other.id}`, { username: "Mara" })),
    "409 conflict",
  );
});

Deno.test("one of several concurrent requests gets a username or an address", async () => {
  await using api = await anAdminApi();
  const sameName = Array.from({ length: 10 }, () => api.post("/users", { username: "mara" }));
  const sameAddress = Array.from(
    { length: 10 },
    (_, n) => api.post("/users", { username: `twin-${n}`, claims: mara.claims }),
  );
  for (const posts of [sameName, sameAddress]) {
    const statuses = (await Promise.all(posts)).map(({ status }) => status).sort();
    assertEquals(statuses, [201, ...Array(9).fill(409)]);
  }
});

Deno.test("a user that breaks rules is refused, and every place is named", async () => {
  await using api = await anAdminApi();
  const reply = await api.post("/users", {
    username: " x",
    password: "short",
    claims: { email: "no address", favourite: "blue" },
    extra: 1,
  });
  assertEquals(problemOf(reply), "422 validation-failed");
  const pointers = reply.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort();
  assertEquals(pointers, [
    "/claims/email",
    "/claims/favourite",
    "/extra",
    "/password",
    "/username",
  ]);
  assertEquals(JSON.stringify(reply.body).includes("short"), false);
});

Deno.test("users are listed in pages, each exactly once", async () => {
  await using api = await anAdminApi();
  for (let n = 0; n < 7; n++) await api.post("/users", { username: `person-${n}` });
  const all = await everyItem(api, "/users?limit=3");
  assertEquals(all.length, 8);
  assertEquals(new Set(all.map(({ id }) => id)).size, 8);
  const { body } = await api.get("/users?username=ALICE");
  assertEquals(body.items.map(({ username }: { username: string }) => username), ["alice"]);
  assertEquals((await api.get("/users?username=nobody")).body.items, []);
});

Deno.test("a cursor that this server did not give for this list is refused", async () => {
  await using api = await anAdminApi();
  for (let n = 0; n < 3; n++) await api.post("/users", { username: `person-${n}` });
  const { body: { next_cursor: cursor } } = await api.get("/users?limit=1");
  assertEquals((await api.get(`/users?cursor=${cursor}`)).status, 200);
  for (const wrong of [cursor.slice(0, -1), `A${cursor}`, "x", "x.y", "%00"]) {
    assertEquals(problemOf(await api.get(`/users?cursor=${wrong}`)), "400 invalid-request", wrong);
  }
  assertEquals((await api.get(`/clients?cursor=${cursor}`)).status, 400);
  for (const limit of ["0", "201", "-1", "ten"]) {
    assertEquals((await api.get(`/users?limit=${limit}`)).status, 400, limit);
  }
  assertEquals((await api.get("/users?limt=1")).status, 400);
});

Deno.test("PATCH changes the members it names, PUT replaces the whole user", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", mara);
  api.provider.clock.advance(10);
  const patched = await api.patch(`/users/${id}`, {
    claims: { email_verified: null, nickname: "M" },
  });
  assertEquals(patched.status, 200);
  const { name, email } = mara.claims;
  assertEquals(patched.body.claims, { name, email, nickname: "M" });
  assertEquals(patched.body.updated_at, patched.body.created_at + 10);

  const read = await api.get(`/users/${id}`);
  const put = await api.call("PUT", `/users/${id}`, {
    body: { ...read.body, claims: { name: "M" } },
    headers: { "if-match": read.etag },
  });
  assertEquals([put.status, put.body.claims], [200, { name: "M" }]);
  assertEquals(put.etag, (await api.get(`/users/${id}`)).etag);
  assertNotEquals(put.etag, read.etag);
  assertEquals(
    problemOf(await api.patch(`/users/${id}`, { id: "other" })),
    "422 validation-failed",
  );
  assertEquals(await api.events("type=user_updated"), [
    "user_updated claims",
    "user_updated claims",
  ]);
});

Deno.test("a PATCH that would change a read-only member is refused, and PUT takes back what GET told", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", mara);
  await api.post("/groups", { group: "staff" });
  const refused: [path: string, patch: Record<string, unknown>][] = [
    [`/users/${id}`, { groups: ["staff"] }],
    [`/users/${id}`, { must_change_password: false }],
    [`/users/${id}`, { has_totp: null }],
    [`/users/${id}`, { created_at: 1 }],
    ["/clients/shop", { registered_by: "client" }],
    ["/clients/shop", { expires_at: 1 }],
    ["/groups/staff", { deleting: true }],
  ];
  for (const [path, patch] of refused) {
    const reply = await api.patch(path, patch);
    assertEquals(problemOf(reply), "422 validation-failed", JSON.stringify(patch));
    assertEquals(reply.body.errors, [{
      pointer: `/${Object.keys(patch)[0]}`,
      detail: "cannot be changed here",
    }]);
  }
  for (const path of new Set(refused.map(([path]) => path))) {
    assertEquals((await api.patch(path, (await api.get(path)).body)).status, 200, path);
    const { body, etag } = await api.get(path);
    const whole = await api.call("PUT", path, { body, headers: { "if-match": etag } });
    assertEquals(whole.status, 200, path);
  }
});

Deno.test("concurrent changes of one user do not overwrite each other", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", mara);
  const { etag } = await api.get(`/users/${id}`);
  const change = (n: number) =>
    api.call("PATCH", `/users/${id}`, {
      body: { claims: { nickname: `name ${n}` } },
      headers: { "if-match": etag },
    });
  const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => change(n)));

  const won = replies.filter(({ status }) => status === 200);
  assertEquals(won.length, 1);
  assertEquals(
    new Set(replies.map(problemOf)),
    new Set(["200 undefined", "412 precondition-failed"]),
  );
  const { body } = await api.get(`/users/${id}`);
  assertEquals(body.claims.nickname, won[0]?.body.claims.nickname);

  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const bare = await api.call(method, `/users/${id}`, { body: {} });
    assertEquals(problemOf(bare), "428 precondition-required");
    const stale = await api.call(method, `/users/${id}`, {
      body: { username: "mara" },
      headers: { "if-match": etag },
    });
    assertEquals(problemOf(stale), "412 precondition-failed");
    const weak = { "if-match": `W/${etag}` };
    const weakly = await api.call(method, `/users/${id}`, { body: {}, headers: weak });
    assertEquals(problemOf(weakly), "412 precondition-failed");
  }
  const any = await api.call("PATCH", `/users/${id}`, { body: {}, headers: { "if-match": "*" } });
  assertEquals(any.status, 200);
});

Deno.test("a caller that has the current record gets 304", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", mara);
  const { etag } = await api.get(`/users/${id}`);
  const named = (suffix: string) => etag.replace(/"$/, `${suffix}"`);
  const byProxies = ["-gzip", "--gzip", ";gzip", "-br", "-zstd"].map(named);
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*", ...byProxies]) {
    const reply = await api.get(`/users/${id}`, { "if-none-match": known });
    assertEquals([reply.status, reply.etag, reply.body], [304, etag, {}]);
  }
  for (const other of ["-x", "-gzip-gzip"].map(named)) {
    assertEquals((await api.get(`/users/${id}`, { "if-none-match": other })).status, 200, other);
  }
  await api.patch(`/users/${id}`, { claims: { nickname: "M" } });
  for (const before of [etag, ...byProxies]) {
    assertEquals((await api.get(`/users/${id}`, { "if-none-match": before })).status, 200);
  }
});

Deno.test("a suspended user's tokens and sessions are invalid from the next request on", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const browser = provider.browser();
  const tokens = await signInOffline(provider, { client: "shop", browser });
  const cookie = sessionCookie(browser);
  const { userId } = await provider.userOf("alice");
  assertEquals((await userinfo(provider, tokens.access_token)).status, 200);

  const suspended = await api.post(`/users/${userId}/suspend`);
  assertEquals([suspended.status, suspended.body.status], [200, "suspended"]);
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals((await provider.refresh(tokens.refresh_token, { client: "shop" })).status, 400);
  assertEquals(await isSignedIn(provider, cookie), false);
  const login = await ask(provider, { client: "shop" });
  assertEquals(outcomeOf(await submitLogin(provider.browser(), login)).startsWith("page"), true);

  const activated = await api.post(`/users/${userId}/activate`);
  assertEquals(activated.body.status, "active");
  // What ended has ended: only what is new is good.
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals(await isSignedIn(provider, cookie), false);
  await signIn(provider, { client: "shop" });
  const events = (await api.events()).filter((type) => /^user_(suspended|activated)/.test(type));
  assertEquals(events.sort(), ["user_activated", "user_suspended"]);
  await api.post(`/users/${userId}/activate`);
  assertEquals((await api.events("type=user_activated")).length, 1, "nothing changed");
});

Deno.test("a new password from an administrator ends all sessions and grants", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const tokens = await signInOffline(provider, { client: "shop" });
  const { userId } = await provider.userOf("alice");
  await api.patch(`/users/${userId}`, { password: "a new one altogether" });
  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  const user = { ...alice, password: "a new one altogether" };
  await editUser(provider, "alice", { mustChangePassword: false }); // as if she had
  await signIn(provider, { client: "shop", user });
  assertEquals(await api.events("type=user_updated"), ["user_updated passwordHash"]);
});

Deno.test("a renamed user signs in only with the new username, and the old one is free", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  assertEquals((await api.patch(`/users/${userId}`, { username: "alicia" })).status, 200);
  await signIn(api.provider, { client: "shop", user: { ...alice, username: "alicia" } });
  assertEquals((await api.post("/users", { username: "alice" })).status, 201);
  assertEquals(
    (await api.patch(`/users/${userId}`, { username: "Alicia" })).body.username,
    "Alicia",
  );
});

Deno.test("signing a user out everywhere ends their sessions, but not offline access", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const [one, two] = [provider.browser(), provider.browser()];
  const online = await signIn(provider, { client: "shop", browser: one });
  const offline = await signInOffline(provider, { client: "shop", browser: two });
  const { userId } = await provider.userOf("alice");
  const { body } = await api.get(`/users/${userId}/sessions`);
  assertEquals(body.items.length, 2);

  assertEquals((await api.call("DELETE", `/users/${userId}/sessions`)).status, 204);
  assertEquals((await api.get(`/users/${userId}/sessions`)).body.items, []);
  for (const { id } of body.items) {
    assertEquals(problemOf(await api.get(`/sessions/${id}`)), "404 not-found");
  }
  for (const browser of [one, two]) {
    assertEquals(await isSignedIn(provider, sessionCookie(browser)), false);
  }
  assertEquals((await userinfo(provider, online.access_token)).status, 401);
  assertEquals((await userinfo(provider, offline.access_token)).status, 200);
  assertEquals(await api.events("type=sessions_ended"), ["sessions_ended admin"]);
});

Deno.test("a deleted user leaves only ids, and their tokens and sessions are invalid", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const user = { username: "mara", password: mara.password };
  const { body: { id } } = await api.post("/users", mara, { "idempotency-key": "k" });
  await editUser(provider, "mara", { mustChangePassword: false });
  const browser = provider.browser();
  const tokens = await signInOffline(provider, { client: "shop", user, browser });
  const { etag } = await api.get(`/users/${id}`);
  const deleted = await api.call("DELETE", `/users/${id}`, { headers: { "if-match": etag } });
  assertEquals(deleted.status, 204);

  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals((await provider.refresh(tokens.refresh_token, { client: "shop" })).status, 400);
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), false);
  assertEquals(problemOf(await api.get(`/users/${id}`)), "404 not-found");
  assertEquals((await api.post("/users", mara)).status, 201, "name and address are free");

  const stored = [...await snapshot(provider.backend)].filter(([key]) => key.includes(id));
  assertEquals(stored.map(([key]) => key), []);
  const gone = JSON.stringify(
    [...await snapshot(provider.backend)].filter(([, value]) => JSON.stringify(value).includes(id)),
  );
  assertEquals(/mara|Lindqvist|203\.0\.113/.test(gone), false, gone);
  assertEquals(await api.events("type=user_deleted"), ["user_deleted"]);
});

Deno.test("a user and their records are deleted by one commit, and a second one notes that it is done", async () => {
  let commits = 0;
  await using api = await anAdminApi({
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        commits++;
        return backend.commit(batch);
      },
    }),
  });
  await signInOffline(api.provider, { client: "shop" });
  const { userId } = await api.provider.userOf("alice");
  commits = 0;
  await api.call("DELETE", `/users/${userId}`, { headers: { "if-match": "*" } });
  assertEquals(commits, 2);
});

Deno.test("sessions of a deleted user that do not fit into one commit are removed after it", async () => {
  await using api = await anAdminApi();
  const { provider } = api;
  const { body: { id } } = await api.post("/users", mara);
  await addSessions(provider, id, 250);
  const { etag } = await api.get(`/users/${id}`);
  await api.call("DELETE", `/users/${id}`, { headers: { "if-match": etag } });
  const left = [...await snapshot(provider.backend)].filter(([key]) => key.includes("sessions"));
  assertEquals(left.length, 0);
});

async function actorOf(api: AdminApi, type: string): Promise<string> {
  const { body } = await api.get(`/audit-events?type=${type}&client_id=ops`);
  return body.items[0]?.actor;
}
