import { assertEquals, assertNotEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { editUser, snapshot } from "../support/records.ts";
import { signIn } from "../support/tokens.ts";
import { anAdminApi, problemOf, type Reply, resource, scope } from "./api.ts";

const app = { redirect_uris: ["https://app.example/callback"] };
const key = { "idempotency-key": "8f2f7a1c" };

Deno.test("50 concurrent posts with one idempotency key create one client, and all get its answer", async () => {
  await using api = await anAdminApi();
  const posts = Array.from({ length: 50 }, () => api.post("/clients", app, key));
  const replies = await Promise.all(posts);
  assertEquals(new Set(replies.map(({ status }) => status)), new Set([201]));
  assertEquals(new Set(replies.map(({ body }) => JSON.stringify(body))).size, 1);
  assertEquals(new Set(replies.map(({ headers }) => headers.get("location"))).size, 1);
  const created = (await api.events()).filter((type) => type === "client_created");
  assertEquals(created.length, 3, "the two of the bootstrap file, and one");
});

Deno.test("a repeated post gets the same answer for a day, with the secret", async () => {
  await using api = await anAdminApi();
  const first = await api.post("/clients", app, key);
  api.provider.clock.advance(86_000);
  // The caller's token has expired by then, and another one is the same caller's.
  await api.renewToken();
  const repeated = await api.post("/clients", app, key);
  assertEquals([repeated.status, repeated.body], [201, first.body]);
  api.provider.clock.advance(401);
  assertNotEquals((await api.post("/clients", app, key)).body.client_id, first.body.client_id);
});

Deno.test("a kept answer has no ETag once the record has changed", async () => {
  await using api = await anAdminApi();
  const first = await api.post("/clients", app, key);
  assertEquals((await api.post("/clients", app, key)).etag, first.etag);
  await api.patch(`/clients/${first.body.client_id}`, { client_name: "Another" });
  const repeated = await api.post("/clients", app, key);
  assertEquals([repeated.body, repeated.etag], [first.body, ""]);
});

Deno.test("an idempotency key that was used for another body or path is refused", async () => {
  await using api = await anAdminApi();
  await api.post("/clients", app, key);
  const other = await api.post("/clients", { ...app, client_name: "Another" }, key);
  assertEquals(problemOf(other), "422 idempotency-key-reused");
  const elsewhere = await api.post("/users", app, key);
  assertEquals(problemOf(elsewhere), "422 idempotency-key-reused");
  const rotation = await api.post("/signing-keys/rotate", undefined, key);
  assertEquals(problemOf(rotation), "422 idempotency-key-reused");
});

Deno.test("an idempotency key that was used for another query is refused: a remembered head is looked for", async () => {
  await using api = await anAdminApi();
  assertEquals((await api.post("/maintenance/verify", undefined, key)).status, 200);
  assertEquals((await api.post("/maintenance/verify", undefined, key)).status, 200);
  const other = await api.post(`/maintenance/verify?head=${"A".repeat(43)}`, undefined, key);
  assertEquals(problemOf(other), "422 idempotency-key-reused");
});

Deno.test("a refusal is not kept: the same idempotency key works once the error is corrected", async () => {
  await using api = await anAdminApi();
  const body = { resource: "https://api.example" };
  await api.post("/resources", body);
  assertEquals(problemOf(await api.post("/resources", body, key)), "409 conflict");
  await api.call("DELETE", "/resources/https%3A%2F%2Fapi.example", {
    headers: { "if-match": "*" },
  });
  assertEquals((await api.post("/resources", body, key)).status, 201);
});

Deno.test("the same idempotency key of another caller is a different key", async () => {
  const console = aClient("console", { scope: `openid ${scope}`, skip_consent: true });
  await using api = await anAdminApi({ clients: [console] });
  await editUser(api.provider, "alice", { administrator: true });
  const { access_token: token } = await signIn(api.provider, {
    parameters: { scope: `openid ${scope}`, resource },
  });
  const first = await api.post("/clients", app, key);
  const others = await api.call("POST", "/clients", { body: app, headers: key, token });
  assertEquals(others.status, 201);
  assertNotEquals(others.body.client_id, first.body.client_id);
});

Deno.test("a kept answer is sealed, so the store contains no secret in clear", async () => {
  await using api = await anAdminApi();
  const { body } = await api.post("/clients", app, key);
  const stored = JSON.stringify([...await snapshot(api.provider.backend)]);
  assertEquals(stored.includes("idempotency_keys"), true);
  assertEquals(stored.includes(body.client_secret), false);
  assertEquals(stored.includes(key["idempotency-key"]), false);
});

Deno.test("each kind of post runs once for each idempotency key", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  api.provider.clock.advance(700);
  const posts: [string, unknown][] = [
    ["/users", { username: "mara", password: "quiet harbour" }],
    [`/users/${userId}/suspend`, undefined],
    [`/users/${userId}/activate`, undefined],
    ["/resources", { resource: "https://api.example" }],
    ["/clients/shop/rotate-secret", undefined],
    ["/signing-keys/emergency-rotate", { alg: "ES256" }],
    ["/signing-keys/rotate", { alg: "EdDSA" }],
    ["/sessions/batch-delete", { session_ids: ["A".repeat(22)] }],
    ["/maintenance/cleanup", undefined],
  ];
  for (const [n, [path, body]] of posts.entries()) {
    const header = { "idempotency-key": `key-${n}` };
    const before = await snapshot(api.provider.backend);
    const one = await api.post(path, body, header);
    assertEquals(one.status < 300, true, `${path}: ${JSON.stringify(one.body)}`);
    const after = await snapshot(api.provider.backend);
    const again = await api.post(path, body, header);
    assertEquals([again.status, again.body], [one.status, one.body], path);
    assertEquals(await snapshot(api.provider.backend), after, path);
    assertNotEquals(after.size, before.size);
  }
});

Deno.test("two concurrent posts that change signing keys with one idempotency key get the same answer", async () => {
  let meanwhile: (() => Promise<void>) | null = null;
  await using api = await anAdminApi({
    wrap: (backend) => ({
      ...backend,
      async list(selector, options) {
        if ("prefix" in selector && selector.prefix[0] === "signing_keys") {
          const twin = meanwhile;
          meanwhile = null;
          await twin?.();
        }
        return await backend.list(selector, options);
      },
    }),
  });
  const { body: { items } } = await api.get("/signing-keys");
  const { kid } = items.find(({ state }: { state: string }) => state === "next");
  const posts = [
    ["/signing-keys/emergency-rotate", { kid }],
    ["/signing-keys/rotate", { alg: "EdDSA" }],
    ["/signing-keys/rotate", undefined],
  ] as const;
  for (const [n, [path, body]] of posts.entries()) {
    api.provider.clock.advance(700);
    await api.renewToken();
    const send = () => api.post(path, body, { "idempotency-key": `post-${n}` });
    const replies: Reply[] = [];
    meanwhile = async () => void replies.push(await send());
    replies.push(await send());
    assertEquals(replies.map(({ status }) => status), [200, 200], JSON.stringify(replies[1]));
    assertEquals(replies[1]?.body, replies[0]?.body);
  }
});

Deno.test("an invalid idempotency key is refused", async () => {
  await using api = await anAdminApi();
  for (const wrong of ["a b", "x".repeat(257)]) {
    const reply = await api.post("/clients", app, { "idempotency-key": wrong });
    assertEquals(problemOf(reply), "400 invalid-request");
  }
});
