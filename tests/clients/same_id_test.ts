import { assertEquals } from "@std/assert";
import * as clients from "../../stores/clients.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as interactions from "../../stores/interactions.ts";
import { ask, outcomeOf, signedInBrowser, submitLogin } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";
import { answerOf, introspect, signInOffline, userinfo } from "../support/tokens.ts";

/** Deletes a client and gives its id to another one, as an administrator would. */
async function giveIdAgain(provider: TestProvider, clientId: string) {
  const client = await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref(clientId) });
    if (entry.value === null) throw new Error(`no client ${clientId}`);
    clients.remove(tx, entry);
    return entry.value;
  });
  provider.clock.advance(1);
  await provider.deps.kv.step(
    systemOrigin,
    (tx) => clients.create(tx, { ...client, createdAt: tx.now, updatedAt: tx.now }),
  );
}

Deno.test("tokens of a deleted client stay invalid when another client gets its id", async () => {
  await using provider = await aProvider();
  const tokens = await signInOffline(provider);
  const code = await provider.authorize();
  await giveIdAgain(provider, "shop");

  assertEquals((await userinfo(provider, tokens.access_token)).status, 401);
  assertEquals(await introspect(provider, tokens.access_token), { active: false });
  assertEquals(await introspect(provider, tokens.refresh_token), { active: false });
  assertEquals(await answerOf(await provider.refresh(tokens.refresh_token)), "400 invalid_grant");
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
});

Deno.test("what a deleted client has pushed or signed begins nothing for a new client with its id", async () => {
  const key = await aClientKey();
  const jwks = { keys: [key.publicJwk] };
  await using provider = await aProvider({ clients: [aClient("shop", { jwks })] });
  const pushed = async () => {
    const parameters = new URL(provider.authorizeUrl(), issuer).searchParams;
    const form = { ...Object.fromEntries(parameters), ...provider.credentials("shop") };
    return { request_uri: (await (await provider.post("/par", form)).json()).request_uri };
  };
  const ways: [what: string, refusal: string, request: () => Promise<Record<string, string>>][] = [
    ["pushed", "page invalid_request_uri", pushed],
    [
      "signed",
      "page invalid_request_object",
      async () => ({ request: await signedObject(provider, key) }),
    ],
  ];
  const open = async (request: Record<string, string>, browser = provider.browser()) => {
    const query = new URLSearchParams({ client_id: "shop", ...request });
    return { browser, page: await browser.open(`/authorize?${query}`) };
  };
  for (const [what, refusal, request] of ways) {
    const { browser, page } = await open(await request());
    assertEquals(outcomeOf(page), "login", what);
    const unopened = await request();
    await giveIdAgain(provider, "shop");
    assertEquals(outcomeOf(await submitLogin(browser, page)), refusal, what);
    if (what === "pushed") assertEquals(outcomeOf((await open(unopened)).page), refusal);
    const again = await open(await request());
    assertEquals(outcomeOf(await submitLogin(again.browser, again.page)), "consent", what);
  }
});

Deno.test("a request of a deleted client that the previous release has opened begins nothing either", async () => {
  await using provider = await aProvider();
  const parameters = new URL(provider.authorizeUrl(), issuer).searchParams;
  const form = { ...Object.fromEntries(parameters), ...provider.credentials("shop") };
  const { request_uri } = await (await provider.post("/par", form)).json();
  const browser = provider.browser();
  const page = await browser.open(
    `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`,
  );
  const { deps: { kv } } = provider;
  for await (const entry of eachEntry({ kv }, interactions.all)) {
    const { request } = entry.value;
    // On a shared store it opens what this release has stored, and remembers nothing of the client.
    const before = { ...request, clientEpoch: null, clientCreatedAt: null } as typeof request;
    await kv.step(systemOrigin, (tx) => tx.replace(entry, { ...entry.value, request: before }));
  }
  await giveIdAgain(provider, "shop");
  assertEquals(outcomeOf(await submitLogin(browser, page)), "page invalid_request_uri");
});

Deno.test("a consent for a deleted client does not count for a new client with its id", async () => {
  const shop = aPublicClient("shop", { web_origins: ["https://shop.example"] });
  await using provider = await aProvider({ clients: [shop] });
  const browser = await signedInBrowser(provider);
  const scope = { scope: "openid" };
  assertEquals(outcomeOf(await ask(provider, { browser, parameters: scope })), "code");
  await giveIdAgain(provider, "shop");

  assertEquals(await sessionTokenAnswer(), "403 consent_required");
  const page = await ask(provider, { browser, parameters: scope });
  assertEquals(outcomeOf(page), "consent");
  assertEquals(outcomeOf(await browser.submit(page, { decision: "allow" })), "code");
  // Only what was allowed this one is remembered, and not what the one before was allowed beside it.
  assertEquals(outcomeOf(await ask(provider, { browser, parameters: scope })), "code");
  assertEquals(outcomeOf(await ask(provider, { browser })), "consent");
  assertEquals(await sessionTokenAnswer(), "200");

  async function sessionTokenAnswer() {
    return await answerOf(
      await browser.send("/session/token", {
        method: "POST",
        headers: { origin: "https://shop.example" },
        body: new URLSearchParams({ client_id: "shop" }),
      }),
    );
  }
});
