import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { ask, bob, codeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { testOnFile } from "../support/denokv.ts";
import { alice, aProvider, codeChallenge, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser, snapshotWithoutAudit } from "../support/records.ts";
import { answerOf, signIn, tokensOf, userinfo } from "../support/tokens.ts";

const api = { resource: "https://api.example/v1", scopes: ["read"], access_token_format: "jwt" };

function pushed(
  provider: TestProvider,
  parameters: Record<string, string | undefined> = {},
  client = "shop",
): Promise<Response> {
  return provider.post("/par", {
    response_type: "code",
    redirect_uri: `https://${client}.example/callback`,
    scope: "openid email",
    state: "pushed-state",
    nonce: "pushed-nonce",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...provider.credentials(client),
    ...parameters,
  });
}

async function requestUri(provider: TestProvider, parameters = {}, client = "shop") {
  const response = await pushed(provider, parameters, client);
  const body = await response.json();
  assertEquals(response.status, 201, JSON.stringify(body));
  return body.request_uri as string;
}

/** All that a browser carries. */
function url(uri: string, clientId = "shop"): string {
  return `/authorize?${new URLSearchParams({ client_id: clientId, request_uri: uri })}`;
}

Deno.test("a request is pushed by its client, and answered with a request_uri of 256 random bits", async () => {
  await using provider = await aProvider();
  const response = await pushed(provider);
  assertEquals([response.status, response.headers.get("cache-control")], [201, "no-store"]);
  const { request_uri, expires_in } = await response.json();
  assertMatch(request_uri, /^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43,44}$/);
  assertEquals(expires_in, 90);
  const events = (await auditTrail(provider)).filter(({ type }) => type === "request_pushed");
  assertEquals(events.map(({ clientId }) => clientId), ["shop"]);
});

Deno.test("every pushed parameter is used up to the token, and parameters that the browser adds are ignored", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { scope: "openid profile email read", skip_consent: true })],
    resources: [api],
  });
  const uri = await requestUri(provider, {
    scope: "openid email read",
    resource: api.resource,
    claims: JSON.stringify({ id_token: { name: null } }),
    prompt: "login",
    max_age: "100",
  });
  const browser = await signedInBrowser(provider);
  const path = `${url(uri)}&scope=openid&state=other&nonce=other&prompt=none`;
  assertEquals(outcomeOf(await browser.open(path)), "login", "prompt=login was pushed");
  const landed = await browser.signInAndAllow(path, alice);
  assertEquals(landed.searchParams.get("state"), "pushed-state");
  const tokens = await tokensOf(await provider.exchange(landed.searchParams.get("code") ?? ""));
  const { nonce, name } = decodeJwt(tokens.id_token);
  assertEquals([nonce, name], ["pushed-nonce", "Alice Adams"]);
  assertEquals(decodeJwt(tokens.access_token).aud, api.resource);
});

const wrong: [string, Record<string, string | undefined>, string][] = [
  ["a wrong secret", { client_secret: "no" }, "401 invalid_client"],
  ["no secret", { client_secret: undefined }, "401 invalid_client"],
  ["a foreign redirect URI", { redirect_uri: "https://thief.example/" }, "400 invalid_request"],
  ["no redirect URI", { redirect_uri: undefined }, "400 invalid_request"],
  ["another response type", { response_type: "token" }, "400 unsupported_response_type"],
  ["a plain challenge", { code_challenge_method: "plain" }, "400 invalid_request"],
  ["a request_uri", { request_uri: "urn:x" }, "400 invalid_request"],
  ["a request object", { request: "ey.ey.sig" }, "400 invalid_request_object"],
  ["an unregistered scope", { scope: "openid", prompt: "none login" }, "400 invalid_request"],
  ["an unknown resource", { resource: "https://nowhere.example" }, "400 invalid_target"],
  ["an unknown response mode", { response_mode: "web_message" }, "400 invalid_request"],
  ["claims that are no JSON", { claims: "{" }, "400 invalid_request"],
];

Deno.test("a request that the authorization endpoint would refuse is refused at the push, and not stored", async () => {
  await using provider = await aProvider();
  const before = await snapshotWithoutAudit(provider.backend);
  for (const [what, parameters, answer] of wrong) {
    assertEquals(await answerOf(await pushed(provider, parameters)), answer, what);
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
});

Deno.test("a public client pushes with its client_id, and must use PKCE", async () => {
  await using provider = await aProvider({ clients: [aPublicClient("spa")] });
  assertEquals((await pushed(provider, {}, "spa")).status, 201);
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  assertEquals(await answerOf(await pushed(provider, without, "spa")), "400 invalid_request");
});

Deno.test("a request_uri is valid for its client, for its lifetime, on this server", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop"), aClient("thief")],
    lifetimes: { requestUri: 599 },
  });
  const uri = await requestUri(provider);
  const browser = provider.browser();
  assertEquals(outcomeOf(await browser.open(url(uri, "thief"))), "page invalid_request_uri");
  assertEquals(outcomeOf(await browser.open(url(`${uri}x`))), "page invalid_request_uri");
  provider.clock.advance(598);
  assertEquals(outcomeOf(await browser.open(url(uri))), "login");
  provider.clock.advance(2);
  assertEquals(outcomeOf(await browser.open(url(uri))), "page invalid_request_uri");
});

Deno.test("opening a request_uri does not spend it: only the answer does", async () => {
  await using provider = await aProvider();
  const uri = await requestUri(provider);
  for (let previews = 0; previews < 3; previews++) {
    assertEquals(outcomeOf(await provider.browser().open(url(uri))), "login");
  }
  const landed = await provider.browser().signInAndAllow(url(uri), alice);
  assert(landed.searchParams.has("code"));
  assertEquals(outcomeOf(await provider.browser().open(url(uri))), "page invalid_request_uri");
});

// A shared store holds it with names in any case.
testOnFile(
  "a request that a release before has stored, with the names of its members, opens once too",
  async () => {
    let stored = 0;
    await using provider = await aProvider({
      wrap: (backend) => ({
        ...backend,
        commit: ({ checks, mutations }) =>
          backend.commit({
            checks,
            mutations: mutations.map((mutation) => {
              if (mutation.type === "delete" || mutation.key[0] !== "pushed_requests") {
                return mutation;
              }
              assert(Array.isArray(mutation.value)); // what this release stores has no names
              stored++;
              return { ...mutation, value: { version: 1, record: mutation.record } };
            }),
          }),
      }),
    });
    const uri = await requestUri(provider);
    const landed = await provider.browser().signInAndAllow(url(uri), alice);
    assert(landed.searchParams.has("code"));
    assertEquals(stored, 2); // the request, and its tombstone
    assertEquals(outcomeOf(await provider.browser().open(url(uri))), "page invalid_request_uri");
  },
);

Deno.test("a large ID token can be pushed as the hint, and what is large and no ID token is not kept", async () => {
  const long = `https://alice.example/${"a".repeat(1900)}`;
  const shop = aClient("shop", {
    skip_consent: true,
    scope: "openid profile email",
    id_token_scope_claims: true,
  });
  await using provider = await aProvider({
    clients: [shop],
    users: [{ ...alice, claims: { ...alice.claims, picture: long, website: long } }, bob],
  });
  const hers = provider.browser();
  const { id_token } = await signIn(provider, {
    browser: hers,
    parameters: { scope: "openid profile" },
  });
  assert(id_token.length > 5000);
  const his = await signedInBrowser(provider, { user: bob });
  const opened = async (browser: Browser, id_token_hint: string) => {
    const uri = await requestUri(provider, { id_token_hint, prompt: "none" });
    return outcomeOf(await browser.open(url(uri)));
  };
  assertEquals(await opened(hers, id_token), "code");
  assertEquals(await opened(his, id_token), "error login_required");
  for (const wrong of [`${id_token.slice(0, -8)}AAAAAAAA`, "x".repeat(50_000)]) {
    assertEquals(await opened(hers, wrong), "error login_required");
  }
  const stored = JSON.stringify([...await snapshotWithoutAudit(provider.backend)]);
  assertEquals(/x{1025}/.test(stored), false);

  const names = { given_name: "A".repeat(200), family_name: "B".repeat(200) };
  const claims = { picture: long, website: long, profile: long, ...names };
  await editUser(provider, "alice", { claims });
  const larger = await signIn(provider, {
    browser: hers,
    parameters: { scope: "openid profile" },
  });
  assert(larger.id_token.length > 8192);
  const refused = await pushed(provider, { id_token_hint: larger.id_token });
  assertEquals(await answerOf(refused), "400 invalid_request");
});

Deno.test("exactly one of 50 tabs that finish with one request_uri gets a code", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { skip_consent: true })] });
  const uri = await requestUri(provider);
  const browsers = await Promise.all(
    Array.from({ length: 50 }, () => signedInBrowser(provider)),
  );
  const landings = await Promise.all(browsers.map((browser) => browser.open(url(uri))));
  const outcomes = landings.map(outcomeOf);
  assertEquals(outcomes.filter((outcome) => outcome === "code").length, 1);
  assertEquals(outcomes.filter((outcome) => outcome === "page invalid_request_uri").length, 49);
  const winner = landings.find((landing) => outcomeOf(landing) === "code");
  assert(winner);
  await tokensOf(await provider.exchange(codeAt(winner)));
});

Deno.test("a tab that was opened in time but finishes second gets an error, even after the request expired", async () => {
  await using provider = await aProvider();
  const uri = await requestUri(provider);
  const [first, second] = [provider.browser(), provider.browser()];
  const tabs = [await first.open(url(uri)), await second.open(url(uri))];
  provider.clock.advance(700);
  const person = { username: alice.username, password: alice.password };
  const [one, two] = tabs;
  assert(one && two);
  const consent = await first.submit(one, person);
  assertEquals(outcomeOf(await first.submit(consent, { decision: "allow" })), "code");
  assertEquals(outcomeOf(await second.submit(two, person)), "page invalid_request_uri");
});

Deno.test("a final error spends the request_uri, too", async () => {
  await using provider = await aProvider();
  const uri = await requestUri(provider, { prompt: "none" });
  assertEquals(outcomeOf(await provider.browser().open(url(uri))), "error login_required");
  assertEquals(outcomeOf(await provider.browser().open(url(uri))), "page invalid_request_uri");
});

Deno.test("a request_uri can be posted, from another site too", async () => {
  await using provider = await aProvider();
  const uri = await requestUri(provider);
  const browser = provider.browser();
  const body = new URLSearchParams({ client_id: "shop", request_uri: uri });
  const headers = { origin: "https://shop.example" };
  const landing = await browser.open("/authorize", { method: "POST", body, headers });
  assertEquals(outcomeOf(landing), "login");
});

Deno.test("if pushing is required, a plain request is an error: for a client, and for the server", async () => {
  const strict = { require_pushed_authorization_requests: true };
  await using one = await aProvider({ clients: [aClient("shop", strict), aClient("other")] });
  assertEquals(outcomeOf(await ask(one)), "error invalid_request");
  assertEquals(outcomeOf(await ask(one, { client: "other" })), "login");
  assertEquals(outcomeOf(await one.browser().open(url(await requestUri(one)))), "login");

  await using all = await aProvider({ config: { requirePushedAuthorizationRequests: true } });
  assertEquals(outcomeOf(await ask(all)), "error invalid_request");
  const document = await (await all.request("/.well-known/openid-configuration")).text();
  assertStringIncludes(document, '"require_pushed_authorization_requests":true');
});

Deno.test("a pushed sign-in ends like any other: tokens, and userinfo", async () => {
  await using provider = await aProvider();
  const landed = await provider.browser().signInAndAllow(url(await requestUri(provider)), alice);
  const tokens = await tokensOf(await provider.exchange(landed.searchParams.get("code") ?? ""));
  assertEquals(
    (await (await userinfo(provider, tokens.access_token)).json()).email,
    alice.claims
      ?.email,
  );
});
