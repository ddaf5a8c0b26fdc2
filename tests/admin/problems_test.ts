import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { anAdminApi, problemOf } from "./api.ts";
import { anyText } from "../support/any_text.ts";

Deno.test("an unknown path is 404 and an unsupported method is 405", async () => {
  await using api = await anAdminApi();
  for (const path of ["", "/", "/nothing", "/users/x/y/z"]) {
    assertEquals(problemOf(await api.get(path)), "404 not-found", path);
  }
  const wrong = await api.call("DELETE", "/users");
  assertEquals(problemOf(wrong), "405 method-not-allowed");
  assertEquals(wrong.headers.get("allow"), "GET, HEAD, POST");
  assertEquals(problemOf(await api.call("PUT", "/signing-keys")), "405 method-not-allowed");
});

Deno.test("every list refuses an unknown parameter, one without a value, and a cursor of another list", async () => {
  await using api = await anAdminApi();
  const { body: { id } } = await api.post("/users", { username: "mara" });
  await api.post("/groups", { group: "staff" });
  const lists = [
    ...["/users", "/clients", "/resources", "/groups", "/invitations", "/initial-access-tokens"],
    ...["/custom-claims", "/authorization-detail-types", "/signing-keys", "/encryption-keys"],
    ...["/mail", "/logout-messages", "/pings", "/audit-events", "/groups/staff/members"],
    ...[`/users/${id}/sessions`, `/users/${id}/passkeys`, "/trusted-issuers", "/workload-issuers"],
  ];
  for (const list of lists) {
    assertEquals((await api.get(`${list}?limit=200`)).status, 200, list);
    for (
      const query of [
        "limt=1",
        "limit=0",
        "cursor=AAAA",
        "cursor=",
        "limit",
        "username=",
        "client_id=",
      ]
    ) {
      assertEquals(
        problemOf(await api.get(`${list}?${query}`)),
        "400 invalid-request",
        list + query,
      );
    }
  }
  for (
    const query of ["username=mara&limit=", "username=mara&limit=1", "username=mara&username="]
  ) {
    assertEquals(problemOf(await api.get(`/users?${query}`)), "400 invalid-request", query);
  }
  const { body: twice } = await api.get("/users?limit=1&limit=2");
  assertEquals(twice.detail, "in the query, /limit occurs more than once: give it once");
});

Deno.test("a body must be a JSON object in UTF-8, and not too large", async () => {
  await using api = await anAdminApi();
  const send = async (body: string, type = "application/json") =>
    problemOf(await api.call("POST", "/users", { body, headers: { "content-type": type } }));
  assertEquals(await send("{"), "400 invalid-request");
  assertEquals(await send("[]"), "400 invalid-request");
  assertEquals(await send('"text"'), "400 invalid-request");
  assertEquals(await send('{"username":"half \\ud800"}'), "400 invalid-request");
  assertEquals(await send("{}", "text/plain"), "415 unsupported-media-type");
  assertEquals(
    await send("username=mara", "application/x-www-form-urlencoded"),
    "415 unsupported-media-type",
  );
  assertEquals(await send(JSON.stringify({ x: "x".repeat(66_000) })), "413 body-too-large");
  assertEquals(
    await send('{"username":"mara"}', "application/json; charset=utf-8"),
    "201 undefined",
  );
  const { body: broken } = await api.post("/users", '{\n  "username": "mara",\n}');
  assertEquals(broken.detail, "the body is not JSON, at line 3 column 1");
  const merge = await api.call("PATCH", "/clients/shop", {
    body: { client_name: "Shop" },
    headers: { "if-match": "*", "content-type": "application/merge-patch+json" },
  });
  assertEquals(merge.status, 200);
  const bytes = await api.provider.request("/api/v1/users", {
    method: "POST",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
    body: new Uint8Array([0x7b, 0xff, 0x7d]),
  });
  assertEquals((await bytes.json()).status, 400);
});

Deno.test("a record that would become too large is refused, also if it grows step by step", async () => {
  await using api = await anAdminApi();
  const uris = (bytes: number) =>
    Array.from({ length: 60 }, (_, n) => `https://app.example/${n}/`.padEnd(bytes / 60, "x"));
  const large = { redirect_uris: uris(60_000) };
  const headers = { "idempotency-key": "k" };
  assertEquals(problemOf(await api.post("/clients", large, headers)), "413 body-too-large");
  const { body: { client_id: id } } = await api.post("/clients", { redirect_uris: uris(40_000) });
  const grown = await api.patch(`/clients/${id}`, { post_logout_redirect_uris: uris(40_000) });
  assertEquals(problemOf(grown), "413 body-too-large");
});

Deno.test("only a caller with access learns what is wrong with a body", async () => {
  await using api = await anAdminApi();
  for (const body of ["{", JSON.stringify({ x: "x".repeat(66_000) }), "{}"]) {
    const reply = await api.call("POST", "/users", { body, token: `at_${"A".repeat(22)}.x` });
    assertEquals(problemOf(reply), "401 invalid-token");
  }
});

Deno.test("an access token in the body or in the query is ignored", async () => {
  await using api = await anAdminApi();
  const query = await api.call("GET", `/users?access_token=${api.token}`, { token: null });
  assertEquals(query.status >= 400, true);
  const form = await api.call("POST", "/users", {
    token: null,
    body: `access_token=${api.token}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  assertEquals(problemOf(form), "401 invalid-token");
});

Deno.test("while the store is unavailable, the answer is 503 with Retry-After", async () => {
  let isOut = false;
  await using api = await anAdminApi({
    wrap: (backend) => ({
      ...backend,
      getMany: (keys) => isOut ? Promise.reject(new Error("out")) : backend.getMany(keys),
    }),
  });
  isOut = true;
  const reply = await api.get("/users");
  assertEquals([problemOf(reply), reply.headers.get("retry-after")], ["503 unavailable", "1"]);
  isOut = false;
});

const names = ["__proto__", "constructor", "username", "claims", "client_id", "scope", "status"];
const texts = fc.oneof(
  fc.constantFrom("", "..", "%", "%2F", "\u0000", "a\ud800", "__proto__", "x".repeat(300), "*"),
  anyText({ maxLength: 40 }),
);
const json = fc.oneof(
  fc.dictionary(fc.oneof(fc.constantFrom(...names), texts), fc.jsonValue(), { maxKeys: 5 })
    .map((value) => JSON.stringify(value)),
  fc.record({
    username: texts,
    password: texts,
    claims: fc.dictionary(fc.constantFrom("email", "name", "__proto__", "address"), fc.jsonValue()),
  }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
  fc.record({
    client_id: texts,
    redirect_uris: fc.array(fc.oneof(texts, fc.webUrl())),
    scope: texts,
    session_ids: fc.array(texts),
    resource: fc.oneof(texts, fc.webUrl()),
    alg: texts,
  }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    `{"username":"\\ud800"}`,
    `{"username":"x","claims":{"__proto__":{"name":"y"}}}`,
    `{"__proto__":{"username":"y"}}`,
    `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
    `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    '{"username":"a","username":"b"}',
    '{"client_id":"\\u0000"}',
    '{"username":1e999}',
  ),
  texts,
);
const endpoints = [
  "GET /users",
  "POST /users",
  "GET /users/:user",
  "PUT /users/:user",
  "PATCH /users/:user",
  "POST /users/:user/suspend",
  "GET /users/:user/sessions",
  "DELETE /users/:user/sessions",
  "POST /clients",
  "GET /clients/:client",
  "PUT /clients/:client",
  "PATCH /clients/:client",
  "POST /clients/:client/rotate-secret",
  "GET /sessions/:none",
  "DELETE /sessions/:none",
  "POST /sessions/batch-delete",
  "GET /resources",
  "POST /resources",
  "PATCH /resources/:resource",
  "DELETE /resources/:none",
  "POST /signing-keys/rotate",
  "GET /audit-events",
  "GET /rate-limits/:limit",
  "DELETE /rate-limits/:limit",
  "GET /mail",
  "POST /mail/:none/retry",
];
const requests = fc.record({
  endpoint: fc.constantFrom(...endpoints),
  /** In the place of one that there is. */
  id: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: texts.map((text) => encodeURIComponent(text.toWellFormed())) },
    { weight: 1, arbitrary: fc.constantFrom("%", "%ff", "%c3%28", "..%2f..", "%00", "a/b", "") },
  ),
  query: fc.oneof(
    { weight: 6, arbitrary: fc.constant("") },
    texts.map((text) => `?cursor=${encodeURIComponent(text.toWellFormed())}`),
    texts.map((text) => `?limit=${encodeURIComponent(text.toWellFormed())}`),
    texts.map((text) => `?username=${encodeURIComponent(text.toWellFormed())}`),
    texts.map((text) => `?from=${encodeURIComponent(text.toWellFormed())}&to=1`),
    fc.constantFrom("?%", "?__proto__=1", "?cursor=.", "?limit=1&limit=2", "?state=dead"),
  ),
  body: json,
  headers: fc.record({
    "if-match": fc.constantFrom("*", '"x"', "", '"', ",,,"),
    "if-none-match": fc.constantFrom("*", '"x"', "W/"),
    "idempotency-key": fc.constantFrom("k", "", "é", "x".repeat(9000)),
    "content-type": fc.constantFrom("application/json", "", "application/json;;;", "x"),
    "dpop": fc.constantFrom("x", "a.b.c", ""),
  }, { requiredKeys: [] }),
});

Deno.test("any ids, bodies, queries and headers get a complete answer below 500", async () => {
  await using api = await anAdminApi();
  const { userId } = await api.provider.userOf("alice");
  await api.post("/resources", { resource: "https://api.example" });
  const ids: Record<string, string> = {
    user: userId,
    client: "shop",
    resource: "https%3A%2F%2Fapi.example",
    limit: "sign-in-account",
  };
  const errors: unknown[] = [];
  Object.assign(api.provider.deps, {
    logger: {
      ...api.provider.deps.logger,
      error: (_: string, fields: unknown) => errors.push(fields),
    },
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ endpoint, id, query, body, headers }) => {
      const [method = "", template = ""] = endpoint.split(" ");
      const path = template.replace(/:(\w+)/, (_, kind) => id ?? ids[kind] ?? "A".repeat(22)) +
        query;
      const usual = { "content-type": "application/json", "if-match": "*" };
      const reply = await api.call(method, path, {
        ...(method === "GET" ? {} : { body }),
        headers: { ...usual, ...headers },
      });
      assertEquals(reply.status < 500, true, `${method} ${path} ${body} ${JSON.stringify(errors)}`);
    }),
    { numRuns: 600 },
  );
  assertEquals(errors, []);
});
