import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { anAdminApi, everyItem, ops, problemOf, resource as own } from "./api.ts";

const api1 = {
  resource: "https://api.example/v1?x=1",
  scopes: ["read", "write"],
  access_token_format: "jwt",
  introspection_clients: ["shop"],
};
const path = `/resources/${encodeURIComponent(api1.resource)}`;

Deno.test("a resource can be created, read by its URI, changed and deleted", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/resources", api1);
  assertEquals([created.status, created.headers.get("location")], [201, `/api/v1${path}`]);
  const now = api.provider.clock.seconds();
  assertEquals(created.body, { ...api1, created_at: now, updated_at: now });
  const read = await api.get(path);
  assertEquals([read.body, read.etag], [created.body, created.etag]);
  assertEquals((await everyItem(api, "/resources")).length, 2);
  assertEquals(problemOf(await api.post("/resources", api1)), "409 conflict");

  api.provider.clock.advance(5);
  const patched = await api.patch(path, { scopes: ["read"] });
  assertEquals(patched.body, { ...api1, scopes: ["read"], created_at: now, updated_at: now + 5 });
  assertEquals(patched.etag, (await api.get(path)).etag);
  const put = await api.call("PUT", path, {
    body: { scopes: ["other"] },
    headers: { "if-match": patched.etag },
  });
  assertEquals([put.body.access_token_format, put.body.introspection_clients], ["opaque", []]);
  assertEquals(
    problemOf(await api.patch(path, { resource: "https://else" })),
    "422 validation-failed",
  );

  assertEquals(problemOf(await api.call("DELETE", path)), "428 precondition-required");
  const stale = await api.call("DELETE", path, { headers: { "if-match": read.etag } });
  assertEquals(problemOf(stale), "412 precondition-failed");
  const deleted = await api.call("DELETE", path, { headers: { "if-match": put.etag } });
  assertEquals(deleted.status, 204);
  assertEquals(problemOf(await api.get(path)), "404 not-found");
  const events = (await api.events()).filter((type) => type.startsWith("resource_"));
  assertEquals(events.sort(), [
    "resource_created",
    "resource_created",
    "resource_deleted",
    "resource_updated",
    "resource_updated",
  ]);
});

Deno.test("a resource is registered in one spelling: clients of one could ask for both", async () => {
  await using api = await anAdminApi();
  for (const resource of ["https://api.example", "https://other.example/", "https://x.example/a"]) {
    assertEquals((await api.post("/resources", { resource })).status, 201, resource);
  }
  for (const resource of ["https://api.example/", "https://other.example"]) {
    assertEquals(problemOf(await api.post("/resources", { resource })), "409 conflict", resource);
  }
  const misspelt = [
    ...["HTTPS://API.example", "https://x.example:443/a", own.replace("https", "HTTPS")],
    ...["https://New.example", "https://New.example/", "https://New.example/a"],
  ];
  for (const resource of misspelt) {
    const refused = problemOf(await api.post("/resources", { resource }));
    assertEquals(refused, "422 validation-failed", resource);
  }
  for (const resource of ["https://x.example/a/", "https://api.example/v1"]) {
    assertEquals((await api.post("/resources", { resource })).status, 201, resource);
  }
});

Deno.test("tokens are issued for a resource as soon as it exists", async () => {
  const robot = aClient("robot", { grant_types: ["client_credentials"], scope: "read" });
  await using api = await anAdminApi({ clients: [robot] });
  const ask = async () => {
    const response = await api.provider.post("/token", {
      grant_type: "client_credentials",
      resource: api1.resource,
      ...api.provider.credentials("robot"),
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask(), 400);
  await api.post("/resources", api1);
  assertEquals(await ask(), 400, "for nobody yet");
  const body = { clients: ["robot"] };
  await api.call("PATCH", path, { headers: { "if-match": "*" }, body });
  assertEquals(await ask(), 200);
  await api.call("DELETE", path, { headers: { "if-match": "*" } });
  assertEquals(await ask(), 400);
});

Deno.test("the admin API's own resource cannot be changed", async () => {
  await using api = await anAdminApi();
  const at = `/resources/${encodeURIComponent(own)}`;
  const read = await api.get(at);
  assertEquals([read.body.scopes, read.body.access_token_format], [[ops.scope], "opaque"]);
  const headers = { "if-match": read.etag };
  assertEquals(problemOf(await api.call("DELETE", at, { headers })), "409 conflict");
  const body = { introspection_clients: ["shop"] };
  assertEquals(problemOf(await api.call("PATCH", at, { headers, body })), "409 conflict");
  assertEquals(problemOf(await api.call("PUT", at, { headers, body })), "409 conflict");
  assertEquals(problemOf(await api.post("/resources", { resource: own })), "409 conflict");
  const alien = { resource: "https://api.example", scopes: ["latchkey:admin"] };
  assertEquals(problemOf(await api.post("/resources", alien)), "422 validation-failed");
});
