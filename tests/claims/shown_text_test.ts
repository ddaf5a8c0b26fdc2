import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";

const bad = ["a\u0000b", "a\tb", "\u001b[31m", "\u202egnp.exe", "\u2067a", "a\u2028b"];

Deno.test("a claim has no control characters, at the API and at an invitation", async () => {
  await using api = await anAdminApi({ config: { signUp: "invited" } });
  for (const text of [...bad, "two\nlines"]) {
    for (
      const claims of [
        { name: text },
        { nickname: text },
        { preferred_username: text },
        { address: { locality: text } },
      ]
    ) {
      const label = JSON.stringify(claims);
      assertEquals((await api.post("/users", { username: "mara", claims })).status, 422, label);
      const invitation = { email: "mara@example.com", claims };
      assertEquals((await api.post("/invitations", invitation)).status, 422, label);
    }
  }
});

Deno.test("an address may have lines, and a name the marks of its script", async () => {
  await using api = await anAdminApi();
  for (const text of bad) {
    const claims = { address: { formatted: text } };
    assertEquals((await api.post("/users", { username: "mara", claims })).status, 422, text);
  }
  const claims = {
    name: "\u05d7\u05e0\u05d4\u200f",
    address: { formatted: "1 High Street\r\nLondon", street_address: "1 High Street\nFlat 2" },
  };
  assertEquals((await api.post("/users", { username: "mara", claims })).status, 201);
});
