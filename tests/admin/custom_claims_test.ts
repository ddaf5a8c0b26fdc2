import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { accountBrowser } from "../support/account.ts";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { aCallCentre, beginBackchannel } from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { aTelevision, beginDevice, typeCode } from "../support/devices.ts";
import { alice } from "../support/provider.ts";
import { signIn, userinfo } from "../support/tokens.ts";
import { type AdminApi, anAdminApi, problemOf } from "./api.ts";

const scope = "openid profile groups claims:hr";
const clients = [
  aClient("wiki", { scope, id_token_scope_claims: true }),
  aClient("shop"),
];
const number = { claim: "employee_number", scope: "claims:hr", label: "Employee number" };
const desk = { claim: "desk", scope: "profile", changed_by: "user" };
const path = "/custom-claims/employee_number";

async function anApi() {
  const api = await anAdminApi({ clients });
  await api.post("/custom-claims", number);
  await api.post("/custom-claims", desk);
  const { body } = await api.get("/users?username=alice");
  return { api, alicePath: `/users/${body.items[0].id}` };
}

async function toldTo(api: AdminApi, client: string, parameters: Record<string, string>) {
  const { access_token, id_token } = await signIn(api.provider, { client, parameters });
  return {
    userinfo: await (await userinfo(api.provider, access_token)).json(),
    idToken: decodeJwt(id_token),
    again: async () => await (await userinfo(api.provider, access_token)).json(),
  };
}

Deno.test("discovery lists custom claims and their scopes while there are some", async () => {
  await using api = await anAdminApi();
  const listed = async () => {
    const response = await api.provider.request("/.well-known/openid-configuration");
    const { claims_supported: claims, scopes_supported: scopes } = await response.json();
    return [
      claims.includes("employee_number"),
      scopes.filter((one: string) => one === number.scope),
    ];
  };
  assertEquals(await listed(), [false, []]);
  await api.post("/custom-claims", number);
  await api.post("/custom-claims", { ...number, claim: "cost_centre" });
  assertEquals(await listed(), [true, [number.scope]]);
  for (const claim of ["employee_number", "cost_centre"]) {
    await api.call("DELETE", `/custom-claims/${claim}`, { headers: { "if-match": "*" } });
  }
  assertEquals(await listed(), [false, []]);
});

Deno.test("a custom claim is defined, read, changed and deleted", async () => {
  await using api = await anAdminApi();
  const created = await api.post("/custom-claims", number);
  const shown = { ...number, type: "string", changed_by: "administrator" };
  assertEquals([created.status, created.body], [201, shown]);
  assertEquals(created.etag, (await api.get(path)).etag, "a change can follow without a read");
  assertEquals((await api.get(path)).body, shown);
  assertEquals(problemOf(await api.post("/custom-claims", number)), "409 conflict");
  assertEquals((await api.patch(path, { label: "Number" })).body, { ...shown, label: "Number" });
  assertEquals(problemOf(await api.patch(path, { claim: "x" })), "422 validation-failed");
  assertEquals((await api.get("/custom-claims")).body.items.length, 1);
  assertEquals(problemOf(await api.call("DELETE", path)), "428 precondition-required");
  const headers = { "if-match": (await api.get(path)).etag };
  assertEquals((await api.call("DELETE", path, { headers })).status, 204);
  assertEquals(problemOf(await api.get(path)), "404 not-found");
  const gone = { headers: { "if-match": "*" }, body: {} };
  assertEquals(problemOf(await api.call("PATCH", path, gone)), "404 not-found");
  const events = (await api.events()).filter((type) => type.startsWith("custom_claim_"));
  assertEquals(events.sort(), [
    "custom_claim_created",
    "custom_claim_deleted",
    "custom_claim_updated",
  ]);
});

Deno.test("a definition takes no name with a meaning, and no scope of a resource", async () => {
  await using api = await anAdminApi();
  const table: Record<string, unknown>[] = [
    ...["sub", "iss", "acr", "cnf", "scope", "act", "__proto__", "email", "groups", "", "1a", "ä"]
      .map((claim) => ({ claim })),
    ...["openid", "offline_access", "claims:", "claims:a b", "read", "latchkey:admin", ""]
      .map((scope) => ({ scope })),
    { type: "object" },
    { changed_by: "everybody" },
    { label: "a\u202eb" },
    { unknown: 1 },
  ];
  for (const wrong of table) {
    const answer = await api.post("/custom-claims", { ...number, ...wrong });
    assertEquals(answer.status, 422, JSON.stringify(wrong));
  }
  const taken = { resource: "https://api.example", scopes: ["claims:hr"] };
  assertEquals((await api.post("/resources", taken)).status, 422);
  for (let n = 0; n <= 32; n++) {
    const answer = await api.post("/custom-claims", { ...number, claim: `c${n}` });
    assertEquals(answer.status, n < 32 ? 201 : 409);
  }
});

Deno.test("a person's values are told by the scope of their claim, at once, and to nobody else", async () => {
  const { api, alicePath } = await anApi();
  await using _ = api;
  const values = { employee_number: "0042", desk: "4.12" };
  assertEquals((await api.patch(alicePath, { custom_claims: values })).body.custom_claims, values);
  const wiki = await toldTo(api, "wiki", { scope });
  assertEquals(wiki.userinfo.employee_number, "0042");
  assertEquals([wiki.idToken.employee_number, wiki.idToken.desk], ["0042", "4.12"]);
  const little = await toldTo(api, "wiki", { scope: "openid profile" });
  assertEquals([little.userinfo.employee_number, little.userinfo.desk], [undefined, "4.12"]);
  const claims = JSON.stringify({ userinfo: { employee_number: null } });
  const shop = await toldTo(api, "shop", { scope: "openid", claims });
  assertEquals([shop.userinfo.employee_number, shop.userinfo.desk], [undefined, undefined]);

  await api.patch(alicePath, { custom_claims: { employee_number: "0043" } });
  assertEquals((await wiki.again()).employee_number, "0043");
  // A value that does not fit the definition any more is told to nobody, and may stay.
  await api.patch(path, { type: "number" });
  assertEquals((await wiki.again()).employee_number, undefined);
  assertEquals((await api.patch(alicePath, { claims: { name: "Al" } })).status, 200);
  await api.patch(path, { type: "string" });
  await api.call("DELETE", path, { headers: { "if-match": "*" } });
  assertEquals((await wiki.again()).employee_number, undefined);
});

Deno.test("values fit their definitions, and are bounded together", async () => {
  const { api, alicePath } = await anApi();
  await using _ = api;
  await api.post("/custom-claims", { claim: "age", type: "number", scope: "profile" });
  await api.post("/custom-claims", { claim: "on", type: "boolean", scope: "profile" });
  await api.post("/custom-claims", { claim: "list", type: "strings", scope: "profile" });
  const table: [values: Record<string, unknown>, status: number][] = [
    [{ age: 7, on: false, list: ["a", "b"], desk: "x" }, 200],
    [{ age: "7" }, 422],
    [{ on: "true" }, 422],
    [{ list: "a" }, 422],
    [{ list: [1] }, 422],
    [{ list: Array.from({ length: 33 }, () => "a") }, 422],
    [{ desk: "a\u0000" }, 422],
    [{ desk: "a".repeat(513) }, 422],
    [{ desk: { deep: 1 } }, 422],
    [{ unknown: "a" }, 422],
    [{ list: Array.from({ length: 32 }, () => "ä".repeat(128)) }, 422],
  ];
  for (const [custom_claims, status] of table) {
    const answer = await api.patch(alicePath, { custom_claims });
    assertEquals(answer.status, status, JSON.stringify(custom_claims).slice(0, 80));
    const user = { username: `u${crypto.randomUUID().slice(0, 8)}`, custom_claims };
    assertEquals((await api.post("/users", user)).status, status === 200 ? 201 : status);
  }
  const { body } = await api.patch(alicePath, { custom_claims: { age: "7" } });
  assertEquals(body.errors[0].pointer, "/custom_claims/age");
});

Deno.test("the consent page names the custom claims of the scopes that it asks for", async () => {
  const { api } = await anApi();
  await using _ = api;
  const browser = api.provider.browser();
  const login = await ask(api.provider, { browser, client: "wiki", parameters: { scope } });
  const page = await submitLogin(browser, login, alice);
  assertEquals(outcomeOf(page), "consent");
  assertStringIncludes(page.body, "<bdi>Employee number</bdi>");
  assertStringIncludes(page.body, "Also: <bdi>desk</bdi>");
});

Deno.test("a client gets claims under other names, with some of the values and a prefix", async () => {
  const rules = [
    { claim: "groups", as: "roles", only: ["admins", "staff"], prefix: "corp:" },
    { claim: "name", as: "display" },
    { claim: "employee_number", only: ["0001"] },
  ];
  const mapped = aClient("wiki", { scope, id_token_scope_claims: true, claim_rules: rules });
  await using api = await anAdminApi({ clients: [mapped, aClient("shop")] });
  await api.post("/custom-claims", number);
  const { body } = await api.get("/users?username=alice");
  const alicePath = `/users/${body.items[0].id}`;
  await api.patch(alicePath, { custom_claims: { employee_number: "0042" } });
  for (const group of ["staff", "secret project"]) {
    await api.post("/groups", { group });
    await api.call("PUT", `/groups/${encodeURIComponent(group)}/members/${body.items[0].id}`);
  }
  const { userinfo, idToken } = await toldTo(api, "wiki", { scope });
  for (const told of [userinfo, idToken]) {
    assertEquals([told.roles, told.display], [["corp:staff"], "Alice Adams"]);
    assertEquals([told.groups, told.name, told.employee_number], [undefined, undefined, undefined]);
  }
  assertEquals((await api.get("/clients/wiki")).body.claim_rules, rules);

  const wrong: unknown[] = [
    [{ claim: "sub" }],
    [{ claim: "groups", as: "sub" }],
    [{ claim: "groups", as: "email" }],
    [{ claim: "groups", as: "__proto__" }],
    [{ claim: "groups", as: "x" }, { claim: "name", as: "x" }],
    [{ claim: "groups", prefix: "a".repeat(65) }],
    [{ claim: "groups", script: "x" }],
    "groups",
  ];
  for (const claim_rules of wrong) {
    const answer = await api.patch("/clients/shop", { claim_rules });
    assertEquals(answer.status, 422, JSON.stringify(claim_rules));
  }
});

Deno.test("each page that says what a client gets names the custom claims of its scopes", async () => {
  const members = { scope };
  const clients = [aTelevision("tv", members), aCallCentre("bank", members)];
  await using api = await anAdminApi({ clients });
  const { provider } = api;
  await api.post("/custom-claims", number);
  await api.post("/custom-claims", { ...desk, label: "Desk <1>" });
  const asked = { scope: "openid profile claims:hr" };
  const browser = await accountBrowser(provider);
  const { user_code } = await beginDevice(provider, "tv", asked);
  const device = await typeCode(browser, user_code);
  await beginBackchannel(provider, asked);
  const waiting = await browser.open("/account/requests");
  await browser.submit(device, { decision: "allow" });
  const pages = { device, waiting, applications: await browser.open("/account/applications") };
  for (const [name, { body }] of Object.entries(pages)) {
    for (const told of ["Employee number", "Desk &lt;1&gt;"]) {
      assert(body.includes(told), `${name}: ${told}`);
    }
    assert(!body.includes("<code>claims:hr"), `${name} says it in words`);
  }
});
