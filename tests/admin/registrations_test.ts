import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { anAdminApi, problemOf, resource as ownResource, scope as adminScope } from "./api.ts";

const api = "https://api.example";
const scope = "openid read write";

Deno.test("a client's resources are returned as they were registered, and are absent if none were", async () => {
  await using server = await anAdminApi({ clients: [aClient("shop", { scope })] });
  const path = "/clients/shop";
  assertEquals((await server.get(path)).body.resources, undefined);
  const table = [
    [],
    [api],
    [{ resource: api, scope: "read" }],
    [{ resource: api, scope: "read write" }, "urn:example:mail"],
  ];
  for (const resources of table) {
    const { body, status } = await server.patch(path, { resources });
    assertEquals([status, body.resources], [200, resources]);
    assertEquals((await server.get(path)).body.resources, resources);
  }
  const { body: whole, etag } = await server.get(path);
  const headers = { "if-match": etag };
  const { resources: _, ...rest } = whole;
  const replaced = await server.call("PUT", path, { headers, body: rest });
  assertEquals([replaced.status, replaced.body.resources], [200, undefined]);
});

Deno.test("a client's resources are URIs, with scopes that it is registered for", async () => {
  await using server = await anAdminApi({ clients: [aClient("shop", { scope })] });
  const table: [unknown, string][] = [
    ["all", "422 validation-failed"],
    [["api.example"], "422 validation-failed"],
    [[`${api}#fragment`], "422 validation-failed"],
    [[{ resource: api, scope: "read erase" }], "422 validation-failed"],
    [[{ resource: api, scopes: ["read"] }], "422 validation-failed"],
    [[{ scope: "read" }], "422 validation-failed"],
    // No way around: only the bootstrap file gives a client the admin API.
    [[{ resource: ownResource, scope: adminScope }], "422 validation-failed"],
  ];
  for (const [resources, expected] of table) {
    const reply = await server.patch("/clients/shop", { resources });
    assertEquals(problemOf(reply), expected, JSON.stringify(resources));
  }
  const both = { scope: adminScope, resources: [{ resource: ownResource, scope: adminScope }] };
  const refused = await server.patch("/clients/shop", both);
  assertEquals(refused.status >= 400, true);
});

Deno.test("a resource's clients are ids or any, and are absent if not registered", async () => {
  await using server = await anAdminApi();
  const created = await server.post("/resources", { resource: api, scopes: ["read"] });
  assertEquals([created.status, created.body.clients], [201, undefined]);
  const path = `/resources/${encodeURIComponent(api)}`;
  for (const clients of ["any", [], ["shop", "desk"]]) {
    const { status, body } = await server.patch(path, { clients });
    assertEquals([status, body.clients], [200, clients]);
  }
  for (const clients of ["all", [""], [7]]) {
    assertEquals(problemOf(await server.patch(path, { clients })), "422 validation-failed");
  }
});
