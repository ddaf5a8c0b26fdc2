import { assertEquals } from "@std/assert";
import * as clients from "../../stores/clients.ts";
import type { ClaimRule } from "../../stores/clients.ts";
import type { CustomClaim } from "../../stores/custom_claims.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { type AdminApi, anAdminApi } from "../admin/api.ts";
import { anInstallation } from "../boot/installation.ts";
import { configure, register } from "../registration/registration.ts";
import { aClient } from "../support/clients.ts";
import { editUser } from "../support/records.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { signIn, userinfo } from "../support/tokens.ts";

const scope = "openid profile email groups";
const wiki = aClient("wiki", { scope });
const byUsers = { claim: "nick", scope: "profile", changed_by: "user" };
const byAdministrators = { claim: "cost_centre", scope: "profile" };
const theirs = "users write the value themselves";

async function anApi() {
  const api = await anAdminApi({ clients: [wiki] });
  for (const one of [byUsers, byAdministrators]) await api.post("/custom-claims", one);
  return api;
}

async function toldTo({ provider }: AdminApi): Promise<Record<string, unknown>> {
  const { access_token } = await signIn(provider, { client: "wiki", parameters: { scope } });
  return await (await userinfo(provider, access_token)).json();
}

/** Writes what only an earlier release took. */
async function storeAsBefore(
  { provider }: AdminApi,
  { id = "wiki", rules, definitions }: {
    readonly id?: string;
    readonly rules: readonly (readonly [claim: string, as: string])[];
    readonly definitions: readonly CustomClaim[];
  },
) {
  const claimRules: ClaimRule[] = rules.map(([claim, as]) => (
    { claim, as, only: null, prefix: null }
  ));
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const found = await tx.read({ client: clients.ref(id), server: providers.ref() });
    if (!isPresent(found.client) || !isPresent(found.server)) throw new Error("missing");
    clients.keep(tx, found.client, { ...found.client.value, claimRules });
    providers.setLists(tx, found.server, { customClaims: [...definitions] });
  });
}

Deno.test("no rule makes what users write about themselves a claim that applications trust", async () => {
  await using api = await anApi();
  const names = [
    ...["groups", "roles", "role", "Roles", "is_admin", "isAdmin", "permissions", "user-roles"],
    ...["cognito:groups", "https://app.example/claims/entitlements", "realm_access", "memberOf"],
    ...["group_ids", "groupNames", "app_role_id", "tenant_name", "policy", "hd"],
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
  ];
  const accounts = ["login", "upn", "user_id", "oid", "mail", "verified_email", "cost_centre"];
  const table: [claim: string, as: string, status: number][] = [
    ...names.map((as): [string, string, number] => ["nickname", as, 422]),
    ...[...names, ...accounts].map((as): [string, string, number] => ["nick", as, 422]),
    ...accounts.map((as): [string, string, number] => ["website", as, 422]),
    ["preferred_username", "groups", 422],
    ["email", "roles", 422],
    ["email_verified", "admin", 422],
    ["phone_number_verified", "verified_email", 422],
    ["preferred_username", "cost_centre", 422],
    // What applications may trust, and what they have no reason to.
    ["groups", "roles", 200],
    ["cost_centre", "groups", 200],
    ["preferred_username", "login", 200],
    ["email", "upn", 200],
    ["email_verified", "verified_email", 200],
    ["name", "display_name", 200],
    ["nickname", "company_id", 200],
    ["nickname", "id", 200],
    ["nick", "team_name", 200],
    ["nick", "handle", 200],
  ];
  for (const [claim, as, status] of table) {
    const claim_rules = [{ claim: "locale" }, { claim, as }];
    const label = `${claim} as ${as}`;
    const patched = await api.patch("/clients/wiki", { claim_rules });
    assertEquals(patched.status, status, label);
    const made = await api.post("/clients", {
      redirect_uris: ["https://x.example/cb"],
      claim_rules,
    });
    assertEquals(made.status, status === 200 ? 201 : status, label);
    if (status === 200) continue;
    const [{ pointer, detail }] = patched.body.errors;
    assertEquals([pointer, detail.endsWith(theirs)], ["/claim_rules/1/as", true], label);
  }
  for (const claim of ["roles", "app/is_admin", "login", "user_groups"]) {
    const definition = { ...byUsers, claim };
    assertEquals((await api.post("/custom-claims", definition)).status, 422, claim);
    const { status } = await api.post("/custom-claims", { ...definition, changed_by: undefined });
    assertEquals(status, 201, claim);
    const changed = await api.patch(`/custom-claims/${encodeURIComponent(claim)}`, {
      changed_by: "user",
    });
    assertEquals(changed.status, 422, claim);
  }
});

Deno.test("a rule or a definition of before that would give authority is read and shown, and tells nothing", async () => {
  await using api = await anApi();
  const { provider } = api;
  const { user: { claims } } = await provider.userOf("alice");
  await editUser(provider, "alice", {
    claims: { ...claims, nickname: "admins", locale: "de" },
    customClaims: { nick: "admins", team: "core", roles: ["admins"] },
  });
  const one = { scope: "profile", label: "x", changedBy: "user", type: "string" } as const;
  const definitions: CustomClaim[] = [
    { ...one, claim: "nick" },
    { ...one, claim: "team", changedBy: "administrator" },
    { ...one, claim: "roles", type: "strings" },
  ];
  await storeAsBefore(api, {
    rules: [["nickname", "groups"], ["nick", "permissions"], ["locale", "language"], [
      "team",
      "org",
    ]],
    definitions,
  });
  const told = await toldTo(api);
  const names = ["groups", "permissions", "roles", "nickname", "nick", "language", "org"];
  const { undefined: _, ...rest } = Object.fromEntries(
    names.map((name) => [told[name] === undefined ? "undefined" : name, told[name]]),
  );
  assertEquals(rest, { groups: [], language: "de", org: "core" });

  const { status, body } = await api.get("/clients/wiki");
  assertEquals([status, body.claim_rules.length], [200, 4]);
  assertEquals(
    body.claim_rule_problems,
    [0, 1].map((n) => ({
      member: `claim_rules.${n}.as`,
      rule: `must not be a name that applications trust: ${theirs}`,
    })),
  );
  const mended = await api.patch("/clients/wiki", { claim_rules: [{ claim: "groups" }] });
  assertEquals([mended.status, mended.body.claim_rule_problems], [200, undefined]);
  // A definition that changes later has the same effect, without a change of the client.
  await storeAsBefore(api, { rules: [["team", "roles"]], definitions });
  assertEquals((await toldTo(api)).roles, "core");
  assertEquals((await api.patch("/custom-claims/team", { changed_by: "user" })).status, 200);
  assertEquals((await toldTo(api)).roles, undefined);
});

Deno.test("a rule of the bootstrap file without effect is one warning, and one of a standard claim is refused", async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await using installation = await anInstallation();
  const boot = async (claim_rules: unknown, changed_by = "user") => {
    const client = { ...aClient("shop"), claim_rules };
    const custom_claims = [{ ...byUsers, changed_by }];
    await installation.boot({ clients: [client], custom_claims }, { logger });
  };
  const rules = [{ claim: "nick", as: "roles" }];
  await boot(rules, "administrator");
  assertEquals(warnings.filter((message) => message.includes("rule")), []);
  // The definition has changed alone.
  await boot(rules);
  await boot(rules);
  assertEquals(warnings.filter((message) => message.includes("rule")), [
    `client "shop" of the bootstrap file has a rule without effect: claim_rules.0.as must not be a \
name that applications trust: ${theirs}`,
  ]);
  const refused = await boot([{ claim: "nickname", as: "roles" }]).catch(String);
  assertEquals(String(refused).includes("claim_rules.0.as must not be a name"), true);
});

Deno.test("a rule that has lost its effect stands in the way of no other change of its client, and comes to no other client", async () => {
  await using api = await anAdminApi({ clients: [wiki], config: { registration: "open" } });
  for (const one of [byUsers, byAdministrators]) await api.post("/custom-claims", one);
  const { provider } = api;
  const redirect_uris = ["https://x.example/cb"];
  const { body: made } = await register(provider, { redirect_uris });
  const { client_id, registration_client_uri: uri, registration_access_token: token } = made;
  const claim_rules = [{ claim: "cost_centre", as: "roles" }];
  for (const id of ["wiki", client_id]) {
    assertEquals((await api.patch(`/clients/${id}`, { claim_rules })).status, 200);
  }
  const before = await api.get("/clients/wiki");
  assertEquals(before.body.claim_rule_problems, undefined);
  const setChangedBy = async (changed_by: string) => {
    const { status } = await api.patch("/custom-claims/cost_centre", { changed_by });
    assertEquals(status, 200);
  };
  await setChangedBy("user");

  // Whoever saw the client before sees the problem that another record made, and that it is gone.
  const problems = [{
    member: "claim_rules.0.as",
    rule: `must not be a name that applications trust: ${theirs}`,
  }];
  const again = () => api.get("/clients/wiki", { "if-none-match": before.etag });
  assertEquals((await again()).body.claim_rule_problems, problems);
  const listed: { client_id: string; claim_rule_problems?: unknown }[] =
    (await api.get("/clients")).body.items;
  assertEquals(
    listed.filter((one) => one.claim_rule_problems).map((one) => one.client_id).toSorted(),
    ["wiki", client_id].toSorted(),
  );
  await setChangedBy("administrator");
  assertEquals((await again()).body.claim_rule_problems, undefined);
  await setChangedBy("user");

  const renamed = await api.patch("/clients/wiki", { client_name: "Wiki 2" });
  assertEquals([renamed.status, renamed.body.client_name], [200, "Wiki 2"]);
  assertEquals(renamed.body.claim_rule_problems, problems);
  const extended = [...claim_rules, { claim: "nick", as: "permissions" }];
  const { status, body } = await api.patch("/clients/wiki", { claim_rules: extended });
  assertEquals([status, body.errors[0].pointer], [422, "/claim_rules/1/as"]);
  assertEquals((await api.post("/clients", { redirect_uris, claim_rules })).status, 422);

  // One of an earlier release, too, also for what its client changes by itself.
  await storeAsBefore(api, { id: client_id, rules: [["nickname", "groups"]], definitions: [] });
  const sent = { client_id, redirect_uris, client_name: "Mine" };
  const own = await configure(provider, "PUT", { uri, token, body: sent });
  assertEquals([own.status, own.body.client_name], [200, "Mine"]);
  const set = await api.patch(`/clients/${client_id}`, { client_name: "Ours" });
  assertEquals([set.status, set.body.claim_rule_problems.length], [200, 1]);
});
