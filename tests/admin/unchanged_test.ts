import { assertEquals } from "@std/assert";
import { anAdminApi } from "./api.ts";

const records: readonly { path: string; body: Record<string, unknown>; id: string }[] = [
  { path: "/users", id: "id", body: { username: "mara", claims: { name: "Mara" } } },
  { path: "/clients", id: "client_id", body: { redirect_uris: ["https://a.example/cb"] } },
  { path: "/resources", id: "resource", body: { resource: "https://api.example", scopes: ["a"] } },
  { path: "/groups", id: "group", body: { group: "staff", description: "All" } },
  {
    path: "/custom-claims",
    id: "claim",
    body: { claim: "team", type: "string", scope: "profile", label: "Team" },
  },
];

Deno.test("a change to what is there already makes no version and leaves no event, and another one does", async () => {
  await using api = await anAdminApi();
  for (const { path, id, body } of records) {
    const created = await api.post(path, body);
    const at = `${path}/${encodeURIComponent(created.body[id])}`;
    const read = await api.get(at);
    const events = await api.events();
    api.provider.clock.advance(10);
    const same = [["PUT", read.body], ["PATCH", {}], ["PATCH", body]] as const;
    for (const [method, body] of same) {
      const headers = { "if-match": read.etag };
      const reply = await api.call(method, at, { body, headers });
      assertEquals([reply.status, reply.body, reply.etag], [200, read.body, read.etag], at);
    }
    assertEquals(await api.events(), events, at);
    const stale = await api.call("PATCH", at, { body: {}, headers: { "if-match": '"other"' } });
    assertEquals(stale.status, 412, at);
  }
  const { etag } = await api.get("/clients/shop");
  const change = { body: { client_secret: "another secret, 32 characters..!" } };
  const changed = await api.call("PATCH", "/clients/shop", {
    ...change,
    headers: { "if-match": etag },
  });
  assertEquals([changed.status, changed.etag === etag], [200, false], "a secret is not shown");
});

Deno.test("the error about a list in a client's metadata names the place of the wrong entry", async () => {
  await using api = await anAdminApi();
  const good = "https://a.example/cb";
  const wrong: Record<string, readonly unknown[]> = {
    redirect_uris: [good, "https://bücher.example/cb"],
    post_logout_redirect_uris: [good, "http://a.example/"],
    web_origins: ["https://a.example", "https://a.example/"],
    resources: ["https://api.example", "https://api.example/#x"],
  };
  for (const [member, values] of Object.entries(wrong)) {
    const { body } = await api.post("/clients", { redirect_uris: [good], [member]: values });
    assertEquals(body.errors?.map(({ pointer }: { pointer: string }) => pointer), [`/${member}/1`]);
  }
});
