import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { aProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { signIn, userinfo } from "../support/tokens.ts";

const bad = [
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "ftp://example.com/a",
  "file:///etc/passwd",
  "mailto:a@example.com",
  "//example.com",
  "example.com",
];

Deno.test("URL claims are http(s) URLs at the API and at an invitation", async () => {
  await using api = await anAdminApi({ config: { signUp: "invited" } });
  for (const claim of ["profile", "picture", "website"]) {
    for (const url of bad) {
      const claims = { [claim]: url };
      assertEquals((await api.post("/users", { username: "mara", claims })).status, 422, url);
      const invitation = { email: "mara@example.com", claims };
      assertEquals((await api.post("/invitations", invitation)).status, 422, url);
    }
    const claims = { [claim]: "https://example.com/a" };
    assertEquals((await api.post("/users", { username: `m-${claim}`, claims })).status, 201);
  }
});

Deno.test("another URL that an earlier release has stored is told to nobody", async () => {
  await using provider = await aProvider();
  const { user } = await provider.userOf("alice");
  const claims = { ...user.claims, website: "javascript:alert(1)", picture: "http://a.example/p" };
  await editUser(provider, "alice", { claims });
  const { access_token } = await signIn(provider);
  const told = await (await userinfo(provider, access_token)).json();
  assertEquals([told.website, told.picture], [undefined, "http://a.example/p"]);
});
