import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import {
  ask,
  codeAt,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { unsignedObject } from "../support/request_object.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { type AdminApi, anAdminApi } from "../admin/api.ts";
import { signIn, tokensOf, userinfo } from "../support/tokens.ts";

const address = { locality: "Berlin", country: "Germany" };
const user = {
  ...alice,
  claims: { ...alice.claims, birthdate: "1990-01-02", address },
};

/** Everything about the person in an ID token. */
function aboutUser(idToken: string): Record<string, unknown> {
  const ofToken = ["iss", "sub", "aud", "azp", "jti", "iat", "exp", "nonce", "at_hash"];
  const ofSignIn = ["auth_time", "acr", "amr", "sid"];
  return Object.fromEntries(
    Object.entries(decodeJwt(idToken)).filter(([name]) =>
      ![...ofToken, ...ofSignIn].includes(name)
    ),
  );
}

async function infoOf(provider: TestProvider, accessToken: string) {
  const { sub: _, ...info } = await (await userinfo(provider, accessToken)).json();
  return info;
}

/** Gives Alice a number, which is a custom claim, and a place in these groups. */
async function makeEmployee(api: AdminApi, groups: readonly string[]) {
  await api.post("/custom-claims", { claim: "employee_number", scope: "claims:hr", label: "No." });
  const { userId } = await api.provider.userOf("alice");
  for (const group of groups) {
    await api.post("/groups", { group });
    await api.call("PUT", `/groups/${group}/members/${userId}`);
  }
  await api.patch(`/users/${userId}`, { custom_claims: { employee_number: "0042" } });
}

Deno.test("a claim that is requested with values is returned if it has one of them", async () => {
  await using provider = await aProvider({ users: [user] });
  const email = "alice@example.com";
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["no value", { email: null, name: { essential: true } }, { email, name: "Alice Adams" }],
    ["its value", { email: { value: email } }, { email }],
    ["one of its values", { email: { essential: true, values: ["x", email] } }, { email }],
    ["another value", { email: { value: "x" }, birthdate: null }, { birthdate: "1990-01-02" }],
    ["other values, essential", { email: { essential: true, values: ["x"] } }, {}],
    ["no values", { email: { values: [] } }, {}],
    ["a value and other values", { email: { value: email, values: ["x"] } }, {}],
    ["a value of another type", { email_verified: { value: "true" } }, {}],
    ["true", { email_verified: { value: true } }, { email_verified: true }],
    ["null", { email: { value: null } }, {}],
    ["an object in another order", {
      address: { value: { country: "Germany", locality: "Berlin" } },
    }, { address }],
    ["a part of an object", { address: { value: { locality: "Berlin" } } }, {}],
    ["members of other specifications", { email: { purpose: "mail", value: email } }, { email }],
    ["a language", { "name#de": null, "email#": null }, { name: "Alice Adams" }],
    ["a language with another value", { "name#de-CH": { value: "Alicia" } }, {}],
    ["two languages", { "name#de": { value: "x" }, "name#en": { value: "Alice Adams" } }, {
      name: "Alice Adams",
    }],
    ["unknown claims", { shoe_size: { value: 7 }, verified_claims: { claims: {} } }, {}],
    ["no place for others", { iss: { value: "x" }, sid: null, password: null }, {}],
  ];
  for (const [name, asked, expected] of cases) {
    for (const place of ["userinfo", "id_token"]) {
      const claims = JSON.stringify({ [place]: asked, other: 1 });
      const parameters = { scope: "openid offline_access", claims, prompt: "consent" };
      const tokens = await signIn(provider, { parameters });
      const refreshed = await tokensOf(await provider.refresh(tokens.refresh_token));
      for (const { id_token, access_token } of [tokens, refreshed]) {
        const told = {
          userinfo: await infoOf(provider, access_token),
          id_token: aboutUser(id_token),
        };
        const none = { userinfo: {}, id_token: {} };
        assertEquals(told, { ...none, [place]: expected }, `${name}, ${place}`);
      }
    }
  }
});

Deno.test("a claim of the scope is returned whatever value a request names", async () => {
  await using provider = await aProvider({ users: [user] });
  const claims = JSON.stringify({ userinfo: { email: { value: "x" }, birthdate: { value: "x" } } });
  const { access_token } = await signIn(provider, {
    parameters: { scope: "openid email", claims },
  });
  assertEquals(await infoOf(provider, access_token), {
    email: "alice@example.com",
    email_verified: true,
  });
});

Deno.test("claims about the sign-in can be requested at userinfo", async () => {
  await using provider = await aProvider();
  const claims = JSON.stringify({
    userinfo: {
      auth_time: { essential: true },
      acr: { values: ["other"] },
      amr: null,
      nonce: null,
    },
    id_token: { auth_time: { essential: true } },
  });
  const browser = await signedInBrowser(provider);
  // The ID token has them anyway, so the person is not asked again.
  const code = toldTo(await ask(provider, { browser, parameters: { claims } })).code ?? "";
  const { id_token, access_token } = await tokensOf(await provider.exchange(code));
  const { auth_time, amr, acr, nonce } = await infoOf(provider, access_token);
  const expected = decodeJwt(id_token);
  assertEquals({ auth_time, amr, acr, nonce }, {
    auth_time: expected.auth_time,
    amr: expected.amr,
    acr: undefined,
    nonce: undefined,
  });
});

Deno.test("groups and custom claims are requested by name, within registration, consent and claim rules", async () => {
  const rules = [
    { claim: "groups", as: "roles", only: ["crew", "staff"], prefix: "app:" },
    { claim: "employee_number", as: "number" },
  ];
  const scope = "openid profile groups claims:hr offline_access";
  await using api = await anAdminApi({
    clients: [
      aClient("plain", { scope }),
      aClient("other", { scope }),
      aClient("ruled", { scope, claim_rules: rules }),
      aClient("narrow", { scope: "openid profile" }),
    ],
  });
  const { provider } = api;
  await makeEmployee(api, ["crew", "staff", "guests"]);
  const told = async (client: string, asked: Record<string, unknown>) => {
    const claims = JSON.stringify({ id_token: asked, userinfo: asked });
    const parameters = { scope: "openid", claims, prompt: "consent" };
    const { id_token, access_token } = await signIn(provider, { client, parameters });
    const info = await infoOf(provider, access_token);
    assertEquals(aboutUser(id_token), info, `${client} ${claims}`);
    return info;
  };
  const groups = ["crew", "guests", "staff"];
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["plain", { groups: null, employee_number: null }, { groups, employee_number: "0042" }],
    ["plain", { groups: { values: ["crew", "other"] } }, { groups: ["crew"] }],
    ["plain", { groups: { value: groups } }, { groups }],
    ["plain", { groups: { value: "other" }, employee_number: { value: 42 } }, {}],
    ["plain", { employee_number: { values: ["0042"] } }, { employee_number: "0042" }],
    ["plain", { roles: null, number: null }, {}],
    ["ruled", { groups: null }, { roles: ["app:crew", "app:staff"] }],
    ["ruled", { roles: null, number: null }, { roles: ["app:crew", "app:staff"], number: "0042" }],
    ["ruled", { roles: { value: "app:crew" }, number: { value: "1" } }, { roles: ["app:crew"] }],
    ["ruled", { roles: { value: "guests" } }, {}],
    ["narrow", { groups: null, employee_number: null, name: null }, { name: "Alice Adams" }],
  ];
  for (const [client, asked, expected] of cases) {
    assertEquals(await told(client, asked), expected, `${client} ${JSON.stringify(asked)}`);
  }

  // A consent without the claim does not cover it, and the page tells of it.
  const browser = await signedInBrowser(provider, {
    client: "other",
    parameters: { scope: "openid" },
  });
  const claims = JSON.stringify({ id_token: { employee_number: null } });
  const parameters = { scope: "openid", claims };
  const page = await ask(provider, { browser, client: "other", parameters });
  assertEquals(outcomeOf(page), "consent");
  assertStringIncludes(page.body, "No.");
  await browser.submit(page, { decision: "allow" });
  assertEquals(await outcomeAt(provider, browser, parameters, "other"), "code");

  // What is no longer registered or defined is no longer told, at the next request.
  const tokens = await signIn(provider, {
    client: "plain",
    parameters: {
      scope: "openid offline_access",
      claims: JSON.stringify({
        id_token: { employee_number: null, groups: null },
        userinfo: { employee_number: null, groups: null },
      }),
    },
  });
  const after = async () => {
    const refreshed = await tokensOf(
      await provider.refresh(tokens.refresh_token, { client: "plain" }),
    );
    Object.assign(tokens, refreshed);
    return [aboutUser(refreshed.id_token), await infoOf(provider, refreshed.access_token)];
  };
  assertEquals(await after(), Array(2).fill({ groups, employee_number: "0042" }));
  await api.call("DELETE", "/custom-claims/employee_number", { headers: { "if-match": "*" } });
  assertEquals(await infoOf(provider, tokens.access_token), { groups });
  assertEquals(await after(), Array(2).fill({ groups }));
  await api.patch("/clients/plain", { scope: "openid offline_access" });
  assertEquals(await infoOf(provider, tokens.access_token), {});
  assertEquals(await after(), Array(2).fill({}));
});

Deno.test("the account's applications and its copy have the claims that were allowed one by one", async () => {
  const scope = "openid claims:hr email";
  await using api = await anAdminApi({
    clients: [aClient("asking", { scope }), aClient("ours", { scope, skip_consent: true })],
  });
  const { provider } = api;
  await makeEmployee(api, []);
  const parameters = {
    scope: "openid",
    claims: JSON.stringify({ id_token: { employee_number: null }, userinfo: { email: null } }),
  };
  for (const client of ["asking", "ours"]) await signIn(provider, { client, parameters });
  const shown = async () => {
    const browser = await accountBrowser(provider);
    const { body } = await browser.open("/account/applications");
    const copy = JSON.parse((await postAccount(browser, "/account/data/export")).body);
    const copied = copy.applications.map((one: Record<string, unknown>) => [
      one.client_id,
      one.scope,
      one.claims,
    ]);
    return [body.split("profile here: <bdi>No.").length - 1, copied.sort()];
  };
  const of = (client: string) => [client, ["openid"], ["email", "employee_number"]];
  assertEquals(await shown(), [2, [of("asking"), of("ours")]]);

  // When the grants have ended, what is left is the consent.
  provider.clock.advance(400 * 86_400);
  assertEquals(await shown(), [1, [of("asking")]]);
});

Deno.test("a claims parameter of another form is refused at the client, and stores nothing", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const deep = "[".repeat(9) + "]".repeat(9);
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`c${n}`, null]));
  const refused = [
    "{",
    "null",
    "[]",
    '"x"',
    '{"userinfo":[]}',
    '{"userinfo":{"email":true}}',
    '{"userinfo":{"email":"x"}}',
    '{"userinfo":{"email":{"essential":"yes"}}}',
    '{"id_token":{"email":{"values":"x"}}}',
    `{"id_token":{"email":{"value":${deep}}}}`,
    `{"other":${deep}}`,
    JSON.stringify({ userinfo: many }),
    JSON.stringify({ userinfo: { email: { value: "x".repeat(4096) } } }),
  ];
  for (const claims of refused) {
    assertEquals(await outcomeAt(provider, browser, { claims }), "error invalid_request", claims);
    const form = { ...provider.credentials(), response_type: "code", claims };
    assertEquals((await provider.post("/par", form)).status, 400, claims);
  }
  const ignored = [
    "{}",
    '{"userinfo":null}',
    '{"other":{"email":1}}',
    '{"id_token":{"x":{"y":1}}}',
  ];
  for (const claims of ignored) {
    assertEquals(await outcomeAt(provider, browser, { claims }), "code", claims);
  }
});

Deno.test("a claims parameter is an object in a request object, and is kept with a pushed request", async () => {
  const clients = [aClient("shop", { request_object_signing_alg: "none" })];
  await using provider = await aProvider({ clients, users: [user] });
  const asked = { id_token: { birthdate: null, email: { value: "x" }, "name#de": null } };
  const deep = "[".repeat(20) + "]".repeat(20);
  const cases: [unknown, number][] = [
    [asked, 201],
    [JSON.stringify(asked), 201],
    [{ id_token: { birthdate: 1 } }, 400],
    [[asked], 400],
    [{ id_token: { birthdate: { value: JSON.parse(deep) } } }, 400],
  ];
  for (const [claims, status] of cases) {
    const request = unsignedObject(provider, { claims: { claims, scope: "openid" } });
    const pushed = await provider.post("/par", { request, ...provider.credentials() });
    const { request_uri, error } = await pushed.json();
    assertEquals([pushed.status, error ?? "none"], [
      status,
      status === 201 ? "none" : error === "invalid_request_object" ? error : "invalid_request",
    ]);
    if (status !== 201) continue;
    const url = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
    const browser = provider.browser();
    const page = await submitLogin(browser, await browser.open(url));
    const code = codeAt(
      outcomeOf(page) === "consent" ? await browser.submit(page, { decision: "allow" }) : page,
    );
    const { id_token } = await tokensOf(await provider.exchange(code));
    assertEquals(aboutUser(id_token), { birthdate: "1990-01-02", name: "Alice Adams" });
  }
});

Deno.test("the claims parameter of docs/clients.md returns what the page says", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/clients.md", import.meta.url));
  const [, section = ""] = page.split("## Asking for single claims");
  const [, claims = ""] = /```jsonc\n([\s\S]*?)```/.exec(section) ?? [];
  const scope = "openid profile email groups claims:hr";
  await using api = await anAdminApi({ clients: [aClient("shop", { scope })] });
  const { provider } = api;
  await makeEmployee(api, ["crew", "guests"]);
  const { id_token, access_token } = await signIn(provider, {
    parameters: { scope: "openid", claims },
  });
  assertEquals(aboutUser(id_token), { email: "alice@example.com", groups: ["crew"] });
  const info = { name: "Alice Adams", employee_number: "0042" };
  assertEquals(await infoOf(provider, access_token), info);
});
