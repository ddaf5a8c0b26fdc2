import { assertEquals, assertNotEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { aClient } from "../support/clients.ts";
import { introspect } from "../support/tokens.ts";
import { anAdminApi, problemOf, scope } from "./api.ts";

Deno.test("the API cannot change a client that holds the admin scope", async () => {
  // One with a redirect URI could be turned into a way in for whoever holds a token for a minute.
  const robot = aClient("robot", { grant_types: ["authorization_code"], scope: `openid ${scope}` });
  await using api = await anAdminApi({ clients: [aClient("shop"), robot] });
  const changes: Record<string, unknown>[] = [
    { client_name: "Another" },
    { grant_types: ["authorization_code", "client_credentials"] },
    { redirect_uris: ["https://evil.example/cb"] },
    { client_secret: "a secret of the attacker" },
    { token_endpoint_auth_method: "none" },
    { skip_consent: true },
    { scope: "openid" },
  ];
  for (const id of ["robot", "ops"]) {
    const { body, etag } = await api.get(`/clients/${id}`);
    for (const change of changes) {
      assertEquals(problemOf(await api.patch(`/clients/${id}`, change)), "409 conflict");
      const put = await api.call("PUT", `/clients/${id}`, {
        body: { ...body, ...change },
        headers: { "if-match": etag },
      });
      assertEquals(problemOf(put), "409 conflict", JSON.stringify(change));
    }
    assertEquals(problemOf(await api.post(`/clients/${id}/rotate-secret`)), "409 conflict");
    const removed = await api.call("DELETE", `/clients/${id}`, { headers: { "if-match": etag } });
    assertEquals(problemOf(removed), "409 conflict");
    const after = await api.get(`/clients/${id}`);
    assertEquals([after.body, after.etag], [body, etag]);
  }
});

Deno.test("scope names with a tab, a no-break space, a quote or a backslash are refused", async () => {
  await using api = await anAdminApi();
  const app = { redirect_uris: ["https://app.example/callback"] };
  for (const odd of ["\t", "\u00a0", "\n", '"', "\\", "\u200b", "é"]) {
    for (const wanted of [`openid${odd}latchkey:admin`, `openid ${odd}`, `${odd}${scope}`]) {
      const reply = await api.post("/clients", { ...app, scope: wanted });
      assertEquals(problemOf(reply), "422 validation-failed", JSON.stringify(wanted));
      const defined = { resource: "https://api.example", scopes: [wanted] };
      assertEquals((await api.post("/resources", defined)).status, 422);
    }
  }
});

Deno.test("a new client is for openid alone, and must use PKCE", async () => {
  await using api = await anAdminApi();
  const { body } = await api.post("/clients", { redirect_uris: ["https://app.example/callback"] });
  assertEquals([body.scope, body.require_pkce], ["openid", true]);
});

Deno.test("a repeated request never returns a secret that is no longer valid", async () => {
  await using api = await anAdminApi();
  const key = (n: number) => ({ "idempotency-key": `key-${n}` });
  const app = { redirect_uris: ["https://app.example/callback"] };
  const created = await api.post("/clients", app, key(0));
  const path = `/clients/${created.body.client_id}/rotate-secret`;

  const first = await api.post(path, undefined, key(1));
  assertEquals((await api.post(path, undefined, key(1))).body, first.body); // it is still good
  assertEquals(problemOf(await api.post("/clients", app, key(0))), "409 conflict");
  const second = await api.post(path, undefined, key(2));
  assertNotEquals(second.body.client_secret, first.body.client_secret);
  assertEquals(problemOf(await api.post(path, undefined, key(1))), "409 conflict");
  assertEquals((await api.post(path, undefined, key(2))).body, second.body);

  await api.patch(`/clients/${created.body.client_id}`, { client_secret: "another secret of it" });
  assertEquals(problemOf(await api.post(path, undefined, key(2))), "409 conflict");

  // Of rotations at once all answers but the last one's would be dead.
  const many = await Promise.all(Array.from({ length: 20 }, () => api.post(path)));
  const good = many.filter(({ status }) => status === 200);
  const secrets = new Set(good.map(({ body }) => body.client_secret));
  assertEquals(good.length >= 1, true);
  for (const { status } of many) assertEquals([200, 409].includes(status), true);
  const { body: { client_id: id } } = created;
  const works = await Promise.all([...secrets].map(async (secret) => {
    const answer = await api.provider.post("/token", {
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
    });
    return (await answer.json()).error !== "invalid_client";
  }));
  assertEquals(works.filter((good) => good).length, 1, "one is good, whoever got it");

  const { etag } = await api.get(`/clients/${id}`);
  await api.call("DELETE", `/clients/${id}`, { headers: { "if-match": etag } });
  assertEquals(problemOf(await api.post("/clients", app, key(0))), "409 conflict");
});

Deno.test("a client's subject never equals a user's, whatever client id is registered", async () => {
  await using api = await anAdminApi({
    resources: [{
      resource: "https://api.example",
      scopes: ["read"],
      access_token_format: "jwt",
      introspection_clients: ["shop"],
    }],
  });
  const { userId } = await api.provider.userOf("alice");
  const ids = [userId, "client:x", "A".repeat(22), `client:${userId}`, "shop-robot"];
  const subjects: unknown[] = [];
  for (const client_id of ids) {
    const made = await api.post("/clients", {
      client_id,
      client_secret: "the secret of a robot",
      grant_types: ["client_credentials"],
      scope: "read",
    });
    assertEquals(made.status, 201, JSON.stringify(made.body));
    const response = await api.provider.post("/token", {
      grant_type: "client_credentials",
      resource: "https://api.example",
    }, {
      authorization: `Basic ${btoa(`${encodeURIComponent(client_id)}:the+secret+of+a+robot`)}`,
    });
    const { access_token } = await response.json();
    const { sub = "" } = decodeJwt(access_token);
    assertNotEquals(sub, userId);
    assertEquals(/^[A-Za-z0-9_-]{22}$/.test(sub), false, sub);
    assertEquals((await introspect(api.provider, access_token)).sub, sub);
    subjects.push(sub);
  }
  assertEquals(new Set(subjects).size, ids.length, "each client has a subject of its own");
  assertEquals(subjects.at(-1), "shop-robot"); // as RFC 9068 section 2.2 wants where it may
});
