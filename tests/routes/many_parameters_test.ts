import { assertEquals, assertStringIncludes } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { aProvider, codeVerifier } from "../support/provider.ts";

const many = (pair: (n: number) => string, count = 12_000) =>
  Array.from({ length: count }, (_, n) => pair(n)).join("&");

const floods: Readonly<Record<string, string>> = {
  "a name that repeats": many(() => "x=1"),
  "an empty name that repeats": many(() => "=1"),
  "resource, which may repeat": many(() => "resource=1", 5_000),
  "many names": many((n) => `${n}=1`, 6_000),
  "one name more than there may be": many((n) => `${n}=1`, 200),
  "names without values": many((n) => `n${n}`, 6_000),
  "nothing between the separators": "&".repeat(60_000),
};

Deno.test("a form or a query of too many parameters is refused, and spends nothing", async () => {
  const redirectUri = "https://shop.example/many";
  const clients = [aClient("shop", { redirect_uris: [redirectUri] })];
  await using provider = await aProvider({ clients });
  const code = await provider.authorize();
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
    ...provider.credentials(),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const post = (path: string, body: string) =>
    provider.request(path, { method: "POST", body, headers });
  const authorizeUrl = provider.authorizeUrl();
  const query = authorizeUrl.slice(authorizeUrl.indexOf("?") + 1);
  for (const [what, flood] of Object.entries(floods)) {
    const answers = {
      "/token": await post("/token", `${form}&${flood}`),
      "POST /authorize": await post("/authorize", `${query}&${flood}`),
      // The URL would be refused for its length before that.
      "GET /authorize": await provider.request(`/authorize?${query}&${flood}`.slice(0, 30_000)),
    };
    for (const [door, answer] of Object.entries(answers)) {
      const text = await answer.text();
      assertEquals(answer.status, 400, `${what} at ${door}`);
      assertStringIncludes(text, "invalid_request", `${what} at ${door}`);
    }
  }
  assertEquals((await post("/token", `${form}&${many((n) => `${n}=1`, 100)}`)).status, 200);
});
