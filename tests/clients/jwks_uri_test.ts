import { assertEquals } from "@std/assert";
import type { Transport } from "../../src/deps/transport.ts";
import { anAdminApi } from "../admin/api.ts";
import { register } from "../registration/registration.ts";
import { aClientKey, type ClientKey } from "../support/client_assertion.ts";
import { aKeyClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };
const jwks_uri = "https://keys.example/jwks";
const app = aKeyClient("app", { ...machine, jwks_uri });

function setOf(...keys: ClientKey[]): string {
  return JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
}

async function ask(provider: TestProvider, key: ClientKey, address = "203.0.113.7") {
  const form = { grant_type: "client_credentials", ...await key.form(provider, "app") };
  const answer = await provider.request("/token", {
    method: "POST",
    body: new URLSearchParams(form),
    address,
  });
  return await answerOf(answer);
}

/** Limits that leave one fetch to each address. */
const oneFetch = {
  rateLimits: true,
  limits: { ...defaultConfig.limits, outgoingAddress: { count: 1, seconds: 600 } },
};

Deno.test("an address without outgoing requests left cannot keep others from fetching a client's keys", async () => {
  const web = testWeb();
  const key = await aClientKey();
  const next = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  await using provider = await aProvider({
    clients: [app],
    transport: web,
    config: oneFetch,
    wrap: (kv) => kv,
  });
  assertEquals(await ask(provider, key), "200");
  web.publish(jwks_uri, setOf(next));
  provider.clock.advance(11);
  assertEquals(await ask(provider, next), "429 temporarily_unavailable");
  // The same moment: whoever waits for the refused fetch fetches with its own limit.
  const [, ...others] = await Promise.all([
    ask(provider, next),
    ask(provider, next, "203.0.113.8"),
    ask(provider, next, "203.0.113.8"),
  ]);
  assertEquals(others, ["200", "200"]);
  assertEquals(web.asked.length, 2);
});

Deno.test("strangers who use up the requests to a host do not use up those of the clients there", async () => {
  const web = testWeb();
  const key = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  const tool = "https://keys.example/tool";
  const document = { client_id: tool, redirect_uris: ["https://keys.example/callback"] };
  web.publish(tool, JSON.stringify(document));
  const limits = { ...defaultConfig.limits, outgoingHost: { count: 3, seconds: 86_400 } };
  const config = {
    rateLimits: true,
    limits,
    clientIdDocuments: { mode: "open", hosts: [] },
  } as const;
  await using provider = await aProvider({ clients: [app], transport: web, config });
  const revoke = async (client_id: string) =>
    await answerOf(await provider.post("/revoke", { token: "x", client_id }));
  assertEquals(await revoke(tool), "200");
  const found = [];
  // Neither another port nor another form of the name is another host.
  for (const host of ["keys.example", "keys.example:8443", "keys.example.", "keys.example:1"]) {
    found.push(await revoke(`https://${host}/nothing`));
  }
  const refused = "429 temporarily_unavailable";
  assertEquals(found, ["401 invalid_client", "401 invalid_client", refused, refused]);
  assertEquals(await ask(provider, key), "200");
  provider.clock.advance(3601);
  assertEquals(await revoke(tool), "200", "its document is read again");
  assertEquals(web.asked.filter((url) => url === tool).length, 2);
});

Deno.test("keys at a jwks_uri are fetched once, and again when they are no longer fresh", async () => {
  const web = testWeb();
  const key = await aClientKey();
  web.publish(jwks_uri, { body: setOf(key), headers: { "cache-control": "max-age=600" } });
  await using provider = await aProvider({ clients: [app], transport: web });
  for (const _ of "1234") assertEquals(await ask(provider, key), "200");
  assertEquals(web.asked, [jwks_uri]);
  provider.clock.advance(599);
  assertEquals(await ask(provider, key), "200");
  assertEquals(web.asked.length, 1);
  provider.clock.advance(2);
  assertEquals(await ask(provider, key), "200");
  assertEquals(web.asked.length, 2);
});

Deno.test("concurrent requests of one process wait for one fetch", async () => {
  const web = testWeb();
  const key = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  await using provider = await aProvider({ clients: [app], transport: web, wrap: (kv) => kv });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(provider, key)));
  assertEquals(answers, Array(8).fill("200"));
  assertEquals(web.asked.length, 1);
});

Deno.test("an unknown key is looked for once in ten seconds, however often it is sent", async () => {
  const web = testWeb();
  const key = await aClientKey("ES256", "old");
  const next = await aClientKey("ES256", "new");
  web.publish(jwks_uri, setOf(key));
  await using provider = await aProvider({ clients: [app], transport: web });
  assertEquals(await ask(provider, key), "200");
  for (const _ of "1234") assertEquals(await ask(provider, next), "401 invalid_client");
  assertEquals(web.asked.length, 1, "it was asked a moment ago");

  web.publish(jwks_uri, setOf(next));
  provider.clock.advance(11);
  assertEquals(await ask(provider, next), "200");
  assertEquals(await ask(provider, key), "401 invalid_client", "the client has withdrawn it");
  assertEquals(web.asked.length, 2);
});

Deno.test("a key that turns out to be unusable is looked for once more, and its repair is found", async () => {
  const key = await aClientKey("ES256", "1");
  const rsa = await aClientKey("RS256", "1");
  const broken: [ClientKey, Record<string, unknown>][] = [
    [key, { ...key.publicJwk, y: key.publicJwk.x }], // a point beside its curve
    [key, { ...key.publicJwk, x: "!" }],
    [rsa, { ...rsa.publicJwk, n: rsa.publicJwk.n?.slice(0, 170) }], // 1020 bits
  ];
  for (const [good, published] of broken) {
    const web = testWeb();
    web.publish(jwks_uri, JSON.stringify({ keys: [published] }));
    await using provider = await aProvider({ clients: [app], transport: web });
    assertEquals(await ask(provider, good), "401 invalid_client");
    web.publish(jwks_uri, setOf(good));
    provider.clock.advance(11);
    assertEquals(await ask(provider, good), "200", JSON.stringify(published));
  }
});

Deno.test("if the keys cannot be fetched, the known ones work for a day more", async () => {
  const web = testWeb();
  const key = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  await using provider = await aProvider({ clients: [app], transport: web });
  assertEquals(await ask(provider, key), "200");
  web.publish(jwks_uri, { status: 500, body: setOf(await aClientKey()) });
  provider.clock.advance(3601);
  assertEquals(await ask(provider, key), "200");
  provider.clock.advance(24 * 3600);
  assertEquals(await ask(provider, key), "401 invalid_client");
  web.publish(jwks_uri, setOf(key));
  provider.clock.advance(11);
  assertEquals(await ask(provider, key), "200");
});

Deno.test("a client whose jwks_uri changes while its keys are fetched is asked to try again", async () => {
  const web = testWeb();
  const key = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  web.publish("https://keys.example/2", setOf(key));
  let whenAsked = () => Promise.resolve();
  const transport: Transport = {
    ...web,
    send: async (request) => {
      await whenAsked();
      return await web.send(request);
    },
  };
  await using server = await anAdminApi({ clients: [app], transport });
  whenAsked = async () => {
    await server.patch("/clients/app", { jwks_uri: "https://keys.example/2" });
  };
  assertEquals(await ask(server.provider, key), "503 temporarily_unavailable");
  whenAsked = () => Promise.resolve();
  assertEquals(await ask(server.provider, key), "200");
});

Deno.test("a document that is no JWK set authenticates nobody, and private or symmetric keys are left out", async () => {
  const key = await aClientKey();
  const { publicJwk } = key;
  const documents = [
    "",
    "not json",
    "[]",
    "null",
    '{"keys":"x"}',
    '{"keys":[]}',
    '{"keys":[null,7,"x",{}]}',
    JSON.stringify(publicJwk),
    JSON.stringify({ keys: [{ ...publicJwk, d: "secret" }] }),
    JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0" }] }),
  ];
  for (const document of documents) {
    const web = testWeb();
    web.publish(jwks_uri, document);
    await using provider = await aProvider({ clients: [app], transport: web });
    assertEquals(await ask(provider, key), "401 invalid_client", document);
  }
  const web = testWeb();
  const others = [{ kty: "future", x: 1 }, { kty: "oct", k: "x" }];
  web.publish(jwks_uri, JSON.stringify({ keys: [...others, publicJwk] }));
  await using provider = await aProvider({ clients: [app], transport: web });
  assertEquals(await ask(provider, key), "200", "keys of another type do not void the rest");
});

Deno.test("the keys of another jwks_uri are not the client's any more", async () => {
  const web = testWeb();
  const key = await aClientKey();
  const next = await aClientKey();
  web.publish(jwks_uri, setOf(key));
  web.publish("https://keys.example/2", setOf(next));
  await using server = await anAdminApi({ clients: [app], transport: web });
  const { provider } = server;
  assertEquals(await ask(provider, key), "200");
  const changed = await server.patch("/clients/app", { jwks_uri: "https://keys.example/2" });
  assertEquals(changed.status, 200);
  assertEquals(await ask(provider, next), "200");
  assertEquals(await ask(provider, key), "401 invalid_client");
});

Deno.test("only a client that an operator registered has its keys in a private network", async () => {
  const web = testWeb();
  const key = await aClientKey();
  const internal = "https://internal.example/jwks";
  web.publish(internal, setOf(key));
  const member = { token_endpoint_auth_method: "private_key_jwt", jwks_uri: internal };
  const tool = "https://tool.example/client";
  const redirect_uris = ["https://tool.example/callback"];
  web.publish(tool, JSON.stringify({ ...member, client_id: tool, redirect_uris }));
  web.publish("https://internal.example/client", "{}");
  await using provider = await aProvider({
    clients: [aKeyClient("ours", { jwks_uri: internal })],
    transport: {
      ...web,
      resolve: (name) => Promise.resolve([name === "internal.example" ? "10.1.0.9" : "8.8.8.8"]),
    },
    config: {
      registration: "open",
      clientIdDocuments: { mode: "open", hosts: [] },
      outgoing: { hosts: null, privateNetworks: ["10.1.0.0/16"] },
    },
  });
  const revoke = async (clientId: string) => {
    const form = { token: "x", ...await key.form(provider, clientId) };
    return await answerOf(await provider.post("/revoke", form));
  };
  const { body: registered } = await register(provider, { ...member, redirect_uris });
  const strangers = [tool, registered.client_id, "https://internal.example/client"];
  for (const id of strangers) assertEquals(await revoke(id), "401 invalid_client", id);
  assertEquals(web.asked, [tool]);
  assertEquals(await revoke("ours"), "200");
  assertEquals(web.asked, [tool, internal]);
});
