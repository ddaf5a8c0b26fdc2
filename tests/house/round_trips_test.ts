import { assertEquals } from "@std/assert";
import { ask, codeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { asking, detailsProvider, look } from "../support/authorization_details.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { exchanged, grantType } from "../support/token_exchange.ts";
import { anApp, shareSignIn, signInOnDevice } from "../support/native_sso.ts";
import { signIn, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const shop = aClient("shop", {
  grant_types: ["authorization_code", "refresh_token", "client_credentials", grantType],
  scope: "openid profile email offline_access read",
});

/** A provider whose signing keys are warm, and what it says to its store from here on. */
async function aCountedProvider(
  options: ProviderOptions = { clients: [shop], resources: [api] },
) {
  const { calls, wrap } = countedKv();
  const provider = await aProvider({ ...options, wrap });
  await signIn(provider); // unseals the key that signs
  return {
    provider,
    async callsOf(work: () => Promise<unknown>): Promise<string[]> {
      calls.length = 0;
      await work();
      return [...calls];
    },
  };
}

/** A client's token for itself. */
async function ownToken(provider: TestProvider, parameters: Record<string, string> = {}) {
  const form = { grant_type: "client_credentials", ...provider.credentials(), ...parameters };
  return await tokensOf(await provider.post("/token", form));
}

Deno.test("client_credentials costs one read and one commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  assertEquals(await callsOf(() => ownToken(provider)), ["read", "commit"]);
  const forApi = { resource: api.resource, scope: "read" };
  assertEquals(await callsOf(() => ownToken(provider, forApi)), ["read", "commit"]);
});

Deno.test("a client that signs costs no more: its assertion is spent in the same commit", async () => {
  const { calls, wrap } = countedKv();
  const key = await aClientKey();
  const grant_types = ["client_credentials"];
  const signer = aKeyClient("signer", { grant_types, jwks: { keys: [key.publicJwk] } });
  await using provider = await aProvider({ clients: [signer], wrap });
  for (const form of [{ grant_type: "client_credentials" }, { token: "x" }]) {
    const sent = { ...form, ...await key.form(provider, "signer") };
    calls.length = 0;
    const path = "token" in form ? "/introspect" : "/token";
    assertEquals((await provider.post(path, sent)).status, 200);
    assertEquals(calls, ["read", "commit"], path);
  }
});

Deno.test("authorize, with a live session and a remembered consent, costs one read and one commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const forApi = { scope: "openid email read", resource: api.resource };
  const browser = await signedInBrowser(provider, { parameters: forApi });
  for (const parameters of [{}, forApi, { prompt: "none" }]) {
    for (const wait of [0, 120]) { // after a while the session's end moves on, in the same commit
      provider.clock.advance(wait);
      const calls = await callsOf(async () => {
        assertEquals(outcomeOf(await ask(provider, { browser, parameters })), "code");
      });
      assertEquals(calls, ["read", "commit"]);
    }
  }
});

Deno.test("a request that needs the user costs one read and one commit, too", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const calls = await callsOf(() => provider.browser().send(provider.authorizeUrl()));
  assertEquals(calls, ["read", "commit"]);
});

Deno.test("a code exchange costs two reads and one commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const browser = await signedInBrowser(provider);
  const code = codeAt(await ask(provider, { browser }));
  const calls = await callsOf(async () => await tokensOf(await provider.exchange(code)));
  assertEquals(calls, ["read", "read", "commit"]);
});

Deno.test("a code exchange or a refresh for a resource costs no more", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const forApi = { scope: "openid email read offline_access", resource: api.resource };
  const code = await provider.authorize({ parameters: forApi });
  let refreshToken = "";
  const exchange = await callsOf(async () => {
    refreshToken = (await tokensOf(await provider.exchange(code))).refresh_token;
  });
  assertEquals(exchange, ["read", "read", "commit"]);
  const refresh = await callsOf(async () => await tokensOf(await provider.refresh(refreshToken)));
  assertEquals(refresh, ["read", "read", "commit"]);
});

Deno.test("a refresh costs two reads and one commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const { refresh_token } = await signInOffline(provider);
  const calls = await callsOf(async () => await tokensOf(await provider.refresh(refresh_token)));
  assertEquals(calls, ["read", "read", "commit"]);
});

Deno.test("a token exchange costs two reads and one commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const { access_token } = await signIn(provider);
  const calls = await callsOf(() =>
    exchanged(provider, access_token, { scope: "openid" }, { client: "shop" })
  );
  assertEquals(calls, ["read", "read", "commit"]);
});

Deno.test("a shared sign-in costs the read of the key, two reads and one commit, and its code no more", async () => {
  const { calls, wrap } = countedKv();
  const clients = [anApp("mail"), anApp("calendar")];
  await using provider = await aProvider({ clients, wrap });
  await signInOnDevice(provider); // unseals the key that signs
  const parameters = { scope: "openid device_sso" };
  const code = await provider.authorize({ client: "mail", parameters });
  calls.length = 0;
  const tokens = await tokensOf(await provider.exchange(code, { client: "mail" }));
  assertEquals(calls, ["read", "read", "commit"]);
  calls.length = 0;
  await tokensOf(await shareSignIn(provider, tokens));
  assertEquals(calls, ["read", "read", "read", "commit"]);
});

Deno.test("userinfo costs two reads and no commit", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const { access_token } = await signIn(provider);
  const calls = await callsOf(async () => {
    assertEquals((await userinfo(provider, access_token)).status, 200);
  });
  assertEquals(calls, ["read", "read"]);
});

Deno.test("introspection costs two reads and no commit for every kind of token", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const offline = await signInOffline(provider);
  const jwt = await signIn(provider, {
    parameters: { scope: "openid read", resource: api.resource },
  });
  for (const token of [offline.access_token, offline.refresh_token, jwt.access_token]) {
    const form = { token, ...provider.credentials() };
    const calls = await callsOf(async () => {
      const response = await provider.post("/introspect", form);
      assertEquals((await response.json()).active, true);
    });
    assertEquals(calls, ["read", "read"]);
  }
});

Deno.test("a request that is refused early costs one read, and a commit only if it is audited", async () => {
  const { provider, callsOf } = await aCountedProvider();
  await using _ = provider;
  const audited = ["read", "read", "commit"];
  const refused: [string, () => Promise<unknown>, string[]?][] = [
    [
      "a wrong secret",
      () =>
        provider.post("/token", {
          grant_type: "client_credentials",
          client_id: "shop",
          client_secret: "no",
        }),
      audited,
    ],
    ["an unknown code", () => provider.exchange(`${"A".repeat(22)}.${"A".repeat(43)}`)],
    ["an unknown client", () => provider.request("/authorize?client_id=stranger")],
    [
      "an unknown redirect URI",
      () => provider.request("/authorize?client_id=shop&redirect_uri=https://evil.example"),
      audited,
    ],
    ["an unknown token", () => userinfo(provider, `at_${"A".repeat(22)}.${"A".repeat(43)}`)],
  ];
  for (const [what, request, calls = ["read"]] of refused) {
    assertEquals(await callsOf(request), calls, what);
  }
});

Deno.test("authorization details cost a read of their resources in the first request, and nothing later", async () => {
  const { provider, callsOf } = await aCountedProvider(detailsProvider);
  await using _ = provider;
  const parameters = { scope: "openid offline_access", ...asking(look) };
  const browser = await signedInBrowser(provider, { client: "shop", parameters });
  let code = "";
  const authorize = async () => {
    code = codeAt(await ask(provider, { client: "shop", browser, parameters }));
  };
  assertEquals(await callsOf(authorize), ["read", "read", "commit"]);
  let token = "";
  const exchange = async () => {
    token = (await tokensOf(await provider.exchange(code, { client: "shop" }))).refresh_token;
  };
  assertEquals(await callsOf(exchange), ["read", "read", "commit"]);
  const refresh = () => provider.refresh(token, { client: "shop", parameters: asking(look) });
  assertEquals(await callsOf(refresh), ["read", "read", "commit"]);
});
