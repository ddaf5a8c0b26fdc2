import { assert, assertEquals } from "@std/assert";
import { atOnce } from "../limits/limiter.ts";
import { aProvider, issuer } from "../support/provider.ts";

const foreignPaths = [
  "//evil.example/x",
  "///evil.example/x",
  "/\\evil.example/x",
  "/\\/evil.example/x?a=b",
  "//evil.example",
];

Deno.test("the link to try again never leads to another host, whatever path was requested", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  await atOnce(300, (n) => provider.request(`/nowhere/${n}`));
  for (const path of ["/nowhere/x?a=b", ...foreignPaths]) {
    const response = await provider.request(issuer + path);
    const page = await response.text();
    assertEquals(response.status, 429, path);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href);
    const again = path.replaceAll("\\", "/").replace(/^\/+/, "/");
    assert(links.includes(again), `${path}: ${links}`);
    for (const link of links) assertEquals(new URL(link, issuer).origin, issuer, path);
  }
});
