import { assertEquals } from "@std/assert";
import { aPublicClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const families = ["access_tokens", "authorization_codes", "refresh_token_families"];

Deno.test("a binding to a key survives in the record shapes of this release and the previous one", async () => {
  await using provider = await aProvider({
    clients: [aPublicClient("spa")],
    // Shared with the previous release. The test writes behind the app's back.
    wrap: (backend) => ({ ...backend, remote: true }),
  });
  const [key, thief] = [await aDpopKey(provider), await aDpopKey(provider)];
  const code = await provider.authorize({
    parameters: { scope: "openid offline_access", dpop_jkt: key.thumbprint },
  });
  const exchange = async (by: typeof key) => {
    const dpop = await by.proof({ path: "/token" });
    return await provider.exchange(code, {}, { dpop });
  };
  assertEquals(await answerOf(await exchange(thief)), "400 invalid_grant");
  const { refresh_token } = await tokensOf(await exchange(key));

  const seen = new Set<string>();
  for (const [name, stored] of await snapshot(provider.backend)) {
    const storedKey: Deno.KvKey = JSON.parse(name);
    if (!families.includes(String(storedKey[0]))) continue;
    seen.add(String(storedKey[0]));
    const { version, record } = stored as { version: number; record: Record<string, unknown> };
    assertEquals([version, record.dpopKeyThumbprint], [1, key.thumbprint], name);
    const { dpopKeyThumbprint: jkt, ...rest } = record;
    const value = { version: 2, record: { ...rest, confirmation: { jkt } } };
    await provider.backend.commit({
      checks: [],
      mutations: [{ type: "set", key: storedKey, value }],
    });
  }
  assertEquals([...seen].sort(), families);

  assertEquals(await answerOf(await provider.refresh(refresh_token)), "400 invalid_dpop_proof");
  const wrong = { dpop: await thief.proof({ path: "/token" }) };
  assertEquals(
    await answerOf(await provider.refresh(refresh_token, {}, wrong)),
    "400 invalid_grant",
  );
  const right = { dpop: await key.proof({ path: "/token" }) };
  const refreshed = await tokensOf(await provider.refresh(refresh_token, {}, right));
  assertEquals(refreshed.token_type, "DPoP");
});
