import { assertEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import { aClient } from "../support/clients.ts";
import { countedKv } from "../support/counted_kv.ts";
import { alice, aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { answerOf, introspect, tokensOf } from "../support/tokens.ts";

const [opaque, signed] = ["https://opaque.example", "https://signed.example"];
const scope = "openid offline_access read";
const options: ProviderOptions = {
  clients: [aClient("shop", { scope })],
  resources: [
    { resource: opaque, scopes: ["read"] },
    { resource: signed, scopes: ["read"], access_token_format: "jwt" },
  ],
};

/** A code for all of these resources. */
async function authorized(provider: TestProvider, ...resources: string[]): Promise<string> {
  const url = provider.authorizeUrl({ parameters: { scope } }) +
    resources.map((resource) => `&resource=${encodeURIComponent(resource)}`).join("");
  const landed = await provider.browser().signInAndAllow(url, alice);
  return landed.searchParams.get("code") ?? "";
}

Deno.test("a grant for two resources gives tokens for one resource at a time", async () => {
  await using provider = await aProvider(options);
  const code = await authorized(provider, opaque, signed);
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_target");

  const first = await tokensOf(
    await provider.exchange(code, { parameters: { resource: opaque } }),
  );
  assertEquals(first.access_token.startsWith("at_"), true);
  const second = await tokensOf(
    await provider.refresh(first.refresh_token, { parameters: { resource: signed } }),
  );
  assertEquals(decodeProtectedHeader(second.access_token).typ, "at+jwt");
  assertEquals((await introspect(provider, second.access_token)).aud, signed);
});

Deno.test("a grant for resources is exchanged and refreshed in two reads and one commit", async () => {
  const { calls, wrap } = countedKv();
  await using provider = await aProvider({ ...options, wrap });
  await provider.exchange(await authorized(provider, opaque)); // which unseals the signing key
  const code = await authorized(provider, opaque);
  const cost = ["read", "read", "commit"];

  calls.length = 0;
  const first = await tokensOf(await provider.exchange(code));
  assertEquals(calls, cost);
  calls.length = 0;
  const second = await tokensOf(await provider.refresh(first.refresh_token));
  assertEquals(calls, cost);
  calls.length = 0;
  await provider.refresh(second.refresh_token, { parameters: { resource: opaque } });
  assertEquals(calls, cost);
});

Deno.test("a token for one resource contains no scope of another", async () => {
  const [books, music] = ["https://books.example", "https://music.example"];
  await using provider = await aProvider({
    clients: [aClient("shop", { scope: "openid profile read listen" })],
    resources: [{ resource: books, scopes: ["read"] }, { resource: music, scopes: ["listen"] }],
  });
  const url = provider.authorizeUrl({ parameters: { scope: "openid read listen" } }) +
    `&${new URLSearchParams([["resource", books], ["resource", music]])}`;
  const landed = await provider.browser().signInAndAllow(url, alice);
  const code = landed.searchParams.get("code") ?? "";
  const { scope } = await tokensOf(
    await provider.exchange(code, { parameters: { resource: music } }),
  );
  assertEquals(scope, "listen");
});
