import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { outcomeAt } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import {
  aProvider,
  codeVerifier,
  type ProviderOptions,
  type TestProvider,
} from "../support/provider.ts";
import { answerOf, introspect, signIn, signInOffline, tokensOf } from "../support/tokens.ts";

const [a, b, open, listed] = ["a", "b", "open", "listed"].map((name) => `https://${name}.example`);
const resources = [
  { resource: a, scopes: ["read", "write"], access_token_format: "jwt", clients: [] },
  { resource: b, scopes: ["read", "erase"], access_token_format: "jwt", clients: [] },
  { resource: open, scopes: ["read", "play"], access_token_format: "jwt", clients: "any" },
  { resource: listed, scopes: ["read"], access_token_format: "jwt", clients: ["friend"] },
];

const machine = (members: Record<string, unknown>, id = "machine") =>
  aClient(id, {
    grant_types: ["authorization_code", "client_credentials", "refresh_token"],
    ...members,
  });

/** What a client gets by itself at a resource: the scope, or the error. */
async function ownScope(provider: TestProvider, resource: string | undefined, scope?: string) {
  const response = await provider.post("/token", {
    grant_type: "client_credentials",
    resource,
    scope,
    ...provider.credentials(),
  });
  return response.status === 200 ? (await tokensOf(response)).scope : await answerOf(response);
}

Deno.test("a client gets a scope only if its own registration or the resource's allows it", async () => {
  const atA = [{ resource: a, scope: "read" }];
  const target = "400 invalid_target";
  const scopeError = "400 invalid_scope";
  const table: [Record<string, unknown>, string | undefined, string | undefined, string][] = [
    // Nobody has registered the client for the resource.
    [{ scope: "read write" }, a, undefined, target],
    [{ scope: "read write" }, a, "read", target],
    [{ scope: "openid", resources: [] }, a, undefined, target],
    [{ scope: "read" }, listed, undefined, target],
    // Its entry has a scope of its own: no other name, no other resource.
    [{ scope: "read write", resources: atA }, a, undefined, "read"],
    [{ scope: "read write", resources: atA }, a, "read", "read"],
    [{ scope: "read write", resources: atA }, a, "write", scopeError],
    [{ scope: "read write", resources: atA }, a, "read write", scopeError],
    [{ scope: "read write", resources: atA }, b, "read", target],
    [{ scope: "read write", resources: atA }, b, undefined, target],
    // The name is bound to A, also where B takes anybody who has a name of its own.
    [{ scope: "read write", resources: atA }, open, "read", scopeError],
    [{ scope: "read write", resources: atA }, open, undefined, target],
    [{ scope: "read play", resources: atA }, open, undefined, "play"],
    // An entry without a scope: all names of the client's scope that the resource knows.
    [{ scope: "read erase", resources: [b] }, b, undefined, "read erase"],
    [{ scope: "read erase", resources: [b] }, a, undefined, target],
    [{ scope: "openid", resources: [b] }, b, undefined, target],
    // The resource says it.
    [{ scope: "read play" }, open, undefined, "read play"],
    [{ scope: "read" }, open, "play", scopeError],
    [{ scope: "openid email" }, open, undefined, target],
    // A scope of this server opens nothing at a resource.
    [{ scope: "openid email read", resources: atA }, a, "openid read", scopeError],
    [{ scope: "openid email read", resources: atA }, undefined, undefined, ""],
    [{ scope: "openid email read", resources: atA }, undefined, "read", scopeError],
  ];
  for (const [members, resource, scope, expected] of table) {
    await using provider = await aProvider({ clients: [machine(members)], resources });
    const got = await ownScope(provider, resource, scope);
    assertEquals(got, expected, JSON.stringify([members, resource, scope]));
  }
  await using friends = await aProvider({
    clients: [machine({ scope: "read" }, "friend")],
    resources,
  });
  assertEquals(await ownScope(friends, listed), "read");
});

Deno.test("the same pairs of resource and scope are allowed for pushed and other authorization requests", async () => {
  const shop = aClient("shop", {
    scope: "openid email read write",
    resources: [{ resource: a, scope: "read" }, { resource: b, scope: "read" }],
  });
  await using provider = await aProvider({ clients: [shop], resources });
  const table: [Record<string, string>, string][] = [
    [{ scope: "openid read", resource: a ?? "" }, "login"],
    // A resource of which nothing is asked: a JWT for it would say who the person is, and no more.
    [{ scope: "openid", resource: a ?? "" }, "error invalid_target"],
    [{ scope: "openid email", resource: a ?? "" }, "error invalid_target"],
    [{ scope: "openid write", resource: a ?? "" }, "error invalid_scope"],
    [{ scope: "openid read", resource: listed ?? "" }, "error invalid_target"],
    [{ scope: "openid read", resource: "https://nowhere.example" }, "error invalid_target"],
  ];
  for (const [parameters, expected] of table) {
    const name = JSON.stringify(parameters);
    assertEquals(await outcomeAt(provider, provider.browser(), parameters), expected, name);
    const url = new URL(provider.authorizeUrl({ parameters }), "https://op.example");
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(url.searchParams),
      ...provider.credentials(),
    });
    const answer = await answerOf(pushed);
    assertEquals(answer, expected === "login" ? "201" : expected.replace("error", "400"), name);
  }
});

const bothApis: ProviderOptions = {
  clients: [aClient("shop", {
    scope: "openid profile email offline_access read write erase",
    resources: [{ resource: a, scope: "read write" }, { resource: b, scope: "erase" }],
  })],
  resources,
};

/** The code for a request that names several resources. */
async function codeFor(provider: TestProvider, scope: string, ...named: (string | undefined)[]) {
  const url = provider.authorizeUrl({ parameters: { scope } }) +
    named.map((resource) => `&resource=${encodeURIComponent(resource ?? "")}`).join("");
  const user = { username: "alice", password: "correct horse battery" };
  const landed = await provider.browser().signInAndAllow(url, user);
  return landed.searchParams.get("code") ?? String(landed);
}

Deno.test("a JWT for a resource has one audience, only its scope, and only sub of the user", async () => {
  await using provider = await aProvider(bothApis);
  const code = await codeFor(provider, "openid profile email offline_access read erase", a, b);
  const both = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: "https://shop.example/callback",
    code_verifier: codeVerifier,
    ...provider.credentials(),
  });
  for (const resource of [a, b]) both.append("resource", resource ?? "");
  const forBoth = await provider.request("/token", { method: "POST", body: both });
  assertEquals(await answerOf(forBoth), "400 invalid_target");
  const first = await tokensOf(await provider.exchange(code, { parameters: { resource: a } }));
  const second = await tokensOf(
    await provider.refresh(first.refresh_token, { parameters: { resource: b } }),
  );
  for (const [tokens, aud, scope] of [[first, a, "read"], [second, b, "erase"]] as const) {
    const claims = decodeJwt(tokens.access_token);
    assertEquals([claims.aud, claims.scope, tokens.scope], [aud, scope, scope]);
    assert(!("email" in claims) && !("name" in claims), "a claim of the person");
    assert(tokens.id_token !== "", "the ID token goes with the grant, not with the audience");
  }
});

Deno.test("a scope of one granted resource is never issued for another, whatever a refresh asks for", async () => {
  await using provider = await aProvider(bothApis);
  const code = await codeFor(provider, "openid offline_access read write erase", a, b);
  let tokens = await tokensOf(await provider.exchange(code, { parameters: { resource: a } }));
  const table: [Record<string, string>, string][] = [
    [{ resource: a ?? "", scope: "read" }, "read"],
    [{ resource: a ?? "", scope: "read erase" }, "read"],
    [{ resource: b ?? "", scope: "read erase" }, "erase"],
    [{ resource: b ?? "", scope: "read" }, "400 invalid_target"],
    [{ resource: a ?? "", scope: "openid" }, "400 invalid_target"],
    [{ resource: open ?? "" }, "400 invalid_target"],
    [{}, "400 invalid_target"], // of two it names none
    [{ scope: "erase" }, "erase"], // which only one has
    [{ scope: "openid" }, "openid"], // for userinfo
    [{ scope: "openid profile" }, "400 invalid_scope"],
    [{ scope: "play" }, "400 invalid_scope"],
    [{ resource: a ?? "" }, "read write"], // and all of it again: narrowing was for those tokens alone
  ];
  for (const [parameters, expected] of table) {
    const response = await provider.refresh(tokens.refresh_token, { parameters });
    const name = JSON.stringify(parameters);
    if (response.status !== 200) {
      assertEquals(await answerOf(response), expected, name);
      continue;
    }
    tokens = await tokensOf(response);
    assertEquals(tokens.scope, expected, name);
    assertEquals((await introspect(provider, tokens.access_token)).scope, expected, name);
  }
});

Deno.test("two remembered consents do not combine to more than their pairs", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { scope: "openid read write erase", resources: [a, b] })],
    resources: [
      { resource: a, scopes: ["read", "write"] },
      { resource: b, scopes: ["read", "write"] },
    ],
  });
  const browser = provider.browser();
  const read = { scope: "openid read", resource: a };
  const write = { scope: "openid write", resource: b };
  await provider.authorize({ browser, parameters: read });
  await provider.authorize({ browser, parameters: write });
  assertEquals(await outcomeAt(provider, browser, read), "code");
  assertEquals(await outcomeAt(provider, browser, write), "code");
  const product = [{ scope: "openid write", resource: a }, { scope: "openid read", resource: b }];
  for (const parameters of product) {
    assertEquals(await outcomeAt(provider, browser, parameters), "consent", parameters.resource);
  }
});

Deno.test("the consent page names each resource and what is asked there", async () => {
  await using provider = await aProvider(bothApis);
  const browser = provider.browser();
  await provider.authorize({ browser, parameters: { scope: "openid" } });
  const url = provider.authorizeUrl({ parameters: { scope: "openid read write erase" } });
  for (const [language, texts] of Object.entries(asked)) {
    const named = `&ui_locales=${language}&resource=${a}&resource=${b}`;
    const { body } = await browser.open(url + named);
    for (const text of texts) assert(body.includes(text), `${text} is not in ${body}`);
  }
});

const asked = {
  en: [
    `Use <code>read</code>, <code>write</code> at <code>${a}</code>`,
    `Use <code>erase</code> at <code>${b}</code>`,
  ],
  de: [
    `<code>read</code>, <code>write</code> bei <code>${a}</code> verwenden`,
    `<code>erase</code> bei <code>${b}</code> verwenden`,
  ],
};

Deno.test("a resource is equal without case in its host and with a slash for its path, and in no other spelling", async () => {
  const path = "https://path.example/v1";
  const registered = [{ resource: `${a}/`, scope: "read" }, { resource: path, scope: "read" }];
  await using provider = await aProvider({
    clients: [machine({ scope: "read", resources: registered })],
    resources: [
      { resource: a, scopes: ["read"], access_token_format: "jwt", clients: [] },
      { resource: path, scopes: ["read"], clients: [] },
    ],
  });
  const same = [a, `${a}/`, "HTTPS://A.example:443", "https://A.example/", path];
  for (const name of [...same, "HTTPS://PATH.Example/v1", "https://path.example:443/v1"]) {
    assertEquals(await ownScope(provider, name), "read", name);
  }
  const others = [
    `${a}/x`,
    `${a}//`,
    `${a}?`,
    `${a}/?x`,
    `${a}.evil.example`,
    "https://user@a.example",
    "https://a.example:444",
    "http://a.example",
    "https://path.example/v1/",
    "https://path.example/V1",
    "https://path.example/%761",
    "https://path.example/x/../v1",
    "https://path.example//v1",
    "https://path.example\\v1",
    "https:path.example/v1",
    "https:///path.example/v1",
    "https://pa\tth.example/v1",
    "https://path.example",
  ];
  for (const name of others) {
    assertEquals(await ownScope(provider, name), "400 invalid_target", name);
  }
});

Deno.test("a refresh token lists what its client is registered for, at all resources", async () => {
  await using provider = await aProvider(bothApis);
  const { refresh_token } = await signInOffline(provider);
  assertEquals(
    (await introspect(provider, refresh_token)).scope,
    "openid profile email offline_access",
  );
  const tokens = await signIn(provider, {
    parameters: { scope: "openid offline_access read", resource: a },
  });
  assertEquals(
    (await introspect(provider, tokens.refresh_token)).scope,
    "openid offline_access read",
  );
});
