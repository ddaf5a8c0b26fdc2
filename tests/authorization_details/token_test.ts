import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import {
  accounts,
  accountType,
  asking,
  detailsProvider,
  detailsShop,
  look,
  payment,
  payments,
  paymentType,
  types,
} from "../support/authorization_details.ts";
import { aClient } from "../support/clients.ts";
import { answerBackchannel, beginBackchannel, pollBackchannel } from "../support/backchannel.ts";
import { beginDevice, poll, typeCode } from "../support/devices.ts";
import { outcomeAt } from "../support/authorization.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { exchange, grantType as tokenExchange, idTokenType } from "../support/token_exchange.ts";
import { answerOf, bodyOf, introspect } from "../support/tokens.ts";
import { auditTrail } from "../support/records.ts";
import { aTrustedIssuer, idp, jwtBearer } from "../support/trusted_issuer.ts";
import { anAdminApi } from "../admin/api.ts";

const client = "shop";
const offline = { scope: "openid offline_access" };
const refused = "400 invalid_authorization_details";
const paid = { ...payment, locations: [payments] };

interface Answer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly authorization_details?: unknown;
}

/** Allows details, and exchanges the code. */
async function allowed(
  provider: TestProvider,
  details: readonly unknown[],
  parameters: Record<string, string | undefined> = {},
): Promise<Answer> {
  const asked = { ...offline, ...asking(...details) };
  const code = await provider.authorize({ client, parameters: asked });
  return await bodyOf(await provider.exchange(code, { client, parameters }));
}

function refreshed(provider: TestProvider, token: string, parameters: Record<string, string>) {
  return provider.refresh(token, { client, parameters });
}

Deno.test("a token has the details of its resource, and no other resource learns of them", async () => {
  await using provider = await aProvider(detailsProvider);
  const both = { ...look, locations: [accounts, payments] };
  const first = await allowed(provider, [payment, both], { resource: payments });
  const atPayments = [paid, { ...look, locations: [payments] }];
  assertEquals(first.authorization_details, atPayments);
  assertEquals(decodeJwt(first.access_token).authorization_details, atPayments);
  for (const asker of [client, "plain"]) {
    const told = await introspect(provider, first.access_token, asker);
    assertEquals([told.active, told.authorization_details], [true, atPayments]);
  }
  const second = await bodyOf<Answer>(
    await refreshed(provider, first.refresh_token, { resource: accounts }),
  );
  assertEquals(second.authorization_details, [look]);
  const told = await introspect(provider, second.access_token, "plain");
  assertEquals([told.aud, told.authorization_details], [accounts, [look]]);
  const own = await introspect(provider, second.refresh_token, client);
  assertEquals(own.authorization_details, [paid, both]);
  // Without a resource it is not clear which.
  assertEquals(
    await answerOf(await provider.refresh(second.refresh_token, { client })),
    "400 invalid_target",
  );
});

Deno.test("a token request gets a part of what was granted, and never more", async () => {
  await using provider = await aProvider(detailsProvider);
  const granted = { ...look, excluded: ["a", "b"], days: 30 };
  const code = await provider.authorize({
    client,
    parameters: { ...offline, ...asking(granted, payment) },
  });
  const more = {
    "another type": { type: paymentType.type },
    "another action": { ...granted, actions: ["list", "history"] },
    "all actions and another": { ...granted, actions: ["list", "balances", "history"] },
    "no action": { ...granted, actions: [] },
    "fewer exclusions": { ...granted, excluded: ["a"] },
    "no exclusions": { ...granted, excluded: undefined },
    "more days": { ...granted, days: 90 },
    "other days": { ...granted, days: 3 },
    "another field": { ...granted, rate: 1 },
    "another location": { ...granted, locations: [payments] },
    "two locations": { ...granted, locations: [accounts, payments] },
    "another amount": { ...payment, instructedAmount: { currency: "EUR", amount: "9999" } },
  };
  for (const [name, detail] of Object.entries(more)) {
    const answer = await provider.exchange(code, { client, parameters: asking(detail) });
    assertEquals(await answerOf(answer), refused, name);
  }
  for (const wrong of ["[", "{}", "[]", "[1]"]) {
    const parameters = { authorization_details: wrong };
    assertEquals(await answerOf(await provider.exchange(code, { client, parameters })), refused);
  }
  // None of the refusals has spent the code.
  const less = { ...granted, actions: ["balances"] };
  const narrow = await bodyOf<Answer>(
    await provider.exchange(code, { client, parameters: asking(less) }),
  );
  assertEquals(narrow.authorization_details, [less]);
  const widened = await refreshed(provider, narrow.refresh_token, asking(more["more days"]));
  assertEquals(await answerOf(widened), refused);
  // As with scope: a token with less takes nothing from the grant (RFC 6749 section 6).
  const all = await refreshed(provider, narrow.refresh_token, { resource: accounts });
  assertEquals((await bodyOf<Answer>(all)).authorization_details, [granted]);
});

Deno.test("without a resource a token is for what its request names: details, or a scope", async () => {
  await using provider = await aProvider(detailsProvider);
  const parameters = {
    ...asking(payment),
    scope: "openid offline_access read",
    resource: accounts,
  };
  const code = await provider.authorize({ client, parameters });
  const first = await bodyOf<Answer>(
    await provider.exchange(code, { client, parameters: asking(payment) }),
  );
  assertEquals(first.authorization_details, [paid]);
  assertEquals(decodeJwt(first.access_token).aud, payments);
  let newest = first.refresh_token;
  for (const [scope, audience] of [["read", accounts], ["openid", issuer]] as const) {
    const { refresh_token, access_token } = await bodyOf<Answer>(
      await refreshed(provider, newest, { scope }),
    );
    newest = refresh_token;
    assertEquals((await introspect(provider, access_token, client)).aud, audience, scope);
  }
  const unclear = await refreshed(provider, newest, {});
  assertEquals(await answerOf(unclear), "400 invalid_target");
});

Deno.test("a repeated refresh gets the same answer only for the same details", async () => {
  const clients = [{ ...detailsShop, refresh_token_grace_period: 10 }];
  await using provider = await aProvider({ ...detailsProvider, clients });
  const { refresh_token } = await allowed(provider, [look]);
  const part = asking({ ...look, actions: ["list"] });
  const first = await bodyOf<Answer>(await refreshed(provider, refresh_token, part));
  const repeated = await bodyOf<Answer>(await refreshed(provider, refresh_token, part));
  assertEquals(repeated, first);
  const other = await bodyOf<Answer>(await refreshed(provider, refresh_token, asking(look)));
  assertEquals(other.authorization_details, [look]);
});

Deno.test("a client gets details for itself, at one resource", async () => {
  await using provider = await aProvider(detailsProvider);
  const own = (parameters: Record<string, string>) =>
    provider.post("/token", {
      grant_type: "client_credentials",
      ...provider.credentials(client),
      ...parameters,
    });
  const there = { ...look, locations: [payments] };
  const answer = await bodyOf<Answer>(await own(asking(there)));
  assertEquals([answer.scope, answer.authorization_details], ["", [there]]);
  assertEquals(decodeJwt(answer.access_token).authorization_details, [there]);
  const told = await introspect(provider, answer.access_token, "plain");
  assertEquals(told.authorization_details, [there]);
  const issued = (await auditTrail(provider)).findLast(({ type }) => type === "token_issued");
  assertEquals(issued?.about, look.type);
  const anywhere = { ...look, locations: undefined };
  const chosen = await bodyOf<Answer>(await own({ ...asking(anywhere), resource: accounts }));
  assertEquals(chosen.authorization_details, [look]);
  assertEquals(await answerOf(await own(asking(anywhere))), "400 invalid_target");
  assertEquals(await answerOf(await own(asking(there, look))), "400 invalid_target");
  assertEquals(await answerOf(await own({ ...asking(there), resource: accounts })), refused);
  const long = ["a", "b", "c"].map((one) => one + "€".repeat(250));
  const large = [{ ...there, excluded: long }, { ...there, excluded: long, days: 1 }];
  assertEquals(await answerOf(await own(asking(...large))), refused, "a token would be too long");
  // Users are asked about each payment, and here is no user.
  assertEquals(await answerOf(await own(asking(payment))), refused);
});

Deno.test("a device and a call centre get what the user has allowed there", async () => {
  await using provider = await aProvider(detailsProvider);
  const asked = asking(payment);
  const device = await beginDevice(provider, "tv", asked);
  const browser = provider.browser();
  const page = await typeCode(browser, device.user_code);
  assertEquals(page.body.includes("<bdi>Merchant A</bdi>"), true);
  await browser.submit(page, { decision: "allow" });
  const more = asking({ ...payment, instant: true });
  assertEquals(await answerOf(await poll(provider, device.device_code, "tv", more)), refused);
  const tv = await bodyOf<Answer>(await poll(provider, device.device_code));
  assertEquals(tv.authorization_details, [paid]);
  const { auth_req_id } = await beginBackchannel(provider, asked);
  const answered = await answerBackchannel(provider);
  assertEquals(answered.response.status, 200);
  const bank = await bodyOf<Answer>(await pollBackchannel(provider, auth_req_id));
  assertEquals(bank.authorization_details, [paid]);
});

Deno.test("an exchanged token has no more details than the one before", async () => {
  await using provider = await aProvider(detailsProvider);
  const { access_token } = await allowed(provider, [look]);
  const sender = { client };
  const same = await bodyOf<Answer>(await exchange(provider, access_token, {}, sender));
  assertEquals(same.authorization_details, [look]);
  const part = { ...look, actions: ["list"] };
  const less = await bodyOf<Answer>(await exchange(provider, access_token, asking(part), sender));
  assertEquals(less.authorization_details, [part]);
  const again = await exchange(provider, less.access_token, asking(look), sender);
  assertEquals(await answerOf(again), refused);
  const jag = "urn:ietf:params:oauth:token-type:id-jag";
  const audience = "https://other.example";
  const form = { requested_token_type: jag, audience, subject_token_type: idTokenType };
  const other = await exchange(provider, "x", { ...form, ...asking(look) }, sender);
  assertEquals(await answerOf(other), refused, "never ignored");
});

Deno.test("details end with their type, their client's registration and their grant", async () => {
  await using api = await anAdminApi(detailsProvider);
  const { provider } = api;
  const path = `/authorization-detail-types/${encodeURIComponent(accountType.type)}`;
  const { access_token, refresh_token } = await allowed(provider, [look, payment], {
    resource: accounts,
  });
  const told = async () =>
    (await introspect(provider, access_token, "plain")).authorization_details;
  const refreshedAt = (resource: string) => refreshed(provider, refresh_token, { resource });
  assertEquals(await told(), [look]);
  await api.patch(path, {
    fields: [{ field: "actions", kind: "strings", values: ["list"] }],
  });
  assertEquals(await told(), undefined, "what the type does not allow any more");
  await api.patch(path, { fields: accountType.fields, resources: [payments] });
  assertEquals(await told(), undefined, "at a resource that the type has left");
  await api.patch(path, { resources: accountType.resources });
  assertEquals(await told(), [look]);
  await api.patch("/clients/shop", { authorization_details_types: [paymentType.type] });
  assertEquals(await told(), undefined);
  assertEquals((await introspect(provider, access_token, "plain")).active, false);
  assertEquals(await answerOf(await refreshedAt(accounts)), "400 invalid_target");
  const left = await bodyOf<Answer>(await refreshedAt(payments));
  assertEquals(left.authorization_details, [paid]);
  // A resource that the client has lost, with all types in place.
  const all = [paymentType.type, accountType.type];
  await api.patch("/clients/shop", { authorization_details_types: all });
  const at = (resource: string) => `/resources/${encodeURIComponent(resource)}`;
  await api.patch(at(payments), { clients: ["nobody"] });
  const held = async () => await introspect(provider, left.refresh_token, client);
  assertEquals((await held()).authorization_details, [look]);
  await api.patch(at(accounts), { clients: ["nobody"] });
  await api.patch("/clients/shop", { scope: "read" });
  assertEquals((await held()).active, false, "nothing is left of it");
  await provider.post("/revoke", { token: left.refresh_token, ...provider.credentials(client) });
  assertEquals((await introspect(provider, left.access_token, "plain")).active, false);
});

Deno.test("the audit trail names the types of details that no page asked about", async () => {
  const trusted = {
    ...detailsShop,
    skip_consent: true,
    response_types: ["code", "code id_token"],
    grant_types: ["authorization_code", "refresh_token", "implicit"],
  };
  const clients = [trusted, ...detailsProvider.clients.slice(1)];
  await using provider = await aProvider({
    ...detailsProvider,
    clients,
    config: { implicit: true },
  });
  const browser = provider.browser();
  const parameters = { ...offline, ...asking(look) };
  await provider.authorize({ client, browser, parameters });
  const hybrid = { ...parameters, scope: "openid", response_type: "code id_token", nonce: "n" };
  assertEquals(await outcomeAt(provider, browser, { ...hybrid }), "code");
  await provider.authorize({ client, browser, parameters: { scope: "openid" } });
  const told = (await auditTrail(provider))
    .filter(({ type }) => type === "code_issued" || type === "front_channel_issued")
    .map(({ type, about }) => `${type} ${about}`);
  assertEquals(told.toSorted(), [
    `code_issued ${look.type}`,
    `code_issued ${look.type}`,
    "code_issued null",
    `front_channel_issued ${look.type}`,
  ]);
});

Deno.test("a token that has lost details cannot be exchanged for them, nor one that has lost all", async () => {
  const reader = aClient("reader", {
    grant_types: [tokenExchange],
    redirect_uris: [],
    scope: "openid read",
    authorization_details_types: types,
    token_exchange: { subject_audiences: [accounts, issuer], resources: [accounts] },
  });
  const clients = [reader, ...detailsProvider.clients];
  await using api = await anAdminApi({ ...detailsProvider, clients });
  const { provider } = api;
  const asked = { scope: "openid read", resource: accounts, ...asking(look) };
  const code = await provider.authorize({ client, parameters: asked });
  const both = await bodyOf<Answer>(await provider.exchange(code, { client }));
  const only = await allowed(provider, [look]);
  const by = { client: "reader" };
  const got = async (token: string) =>
    await bodyOf<Answer>(await exchange(provider, token, {}, by));
  const before = [await got(both.access_token), await got(only.access_token)];
  assertEquals(before.map((one) => one.authorization_details), [[look], [look]]);
  await api.patch("/clients/shop", { authorization_details_types: [] });
  const { scope, authorization_details } = await got(both.access_token);
  assertEquals([scope, authorization_details], ["read", undefined]);
  const named = await exchange(provider, both.access_token, asking(look), by);
  assertEquals(await answerOf(named), refused);
  assertEquals(
    await answerOf(await exchange(provider, only.access_token, {}, by)),
    "400 invalid_request",
  );
  assertEquals((await introspect(provider, only.access_token, client)).active, false);
});

Deno.test("an assertion gives only the details that are asked for and are in it", async () => {
  const server = await aTrustedIssuer();
  const wiki = { ...detailsShop, client_id: "wiki", grant_types: [jwtBearer], redirect_uris: [] };
  await using provider = await aProvider({
    ...detailsProvider,
    clients: [wiki, ...detailsProvider.clients.slice(1)],
    config: { trustedIssuers: [server.trusted()] },
  });
  const present = async (claim: unknown, asked: Record<string, string>, claims = {}) =>
    await provider.post("/token", {
      grant_type: jwtBearer,
      assertion: await server.idJag(provider, {
        authorization_details: claim,
        resource: accounts,
        ...claims,
      }),
      ...provider.credentials("wiki"),
      ...asked,
    });
  const part = { ...look, actions: ["list"] };
  const answer = await bodyOf<Answer>(await present([look], asking(part)));
  assertEquals([answer.scope, answer.authorization_details], ["", [part]]);
  const abouts = async () =>
    (await auditTrail(provider)).filter(({ type }) => type === "assertion_exchanged")
      .map(({ about }) => about);
  assertEquals(await abouts(), [`${idp} ${look.type}`]);
  // An assertion of details alone allows no scope, whatever is registered, and nor does a broken one.
  for (
    const claim of [
      [look],
      [],
      { 0: look },
      "x",
      null,
      Array.from({ length: 21 }, () => look),
    ]
  ) {
    assertEquals(await answerOf(await present(claim, {})), "400 invalid_scope");
    assertEquals(await answerOf(await present(claim, { scope: "read" })), "400 invalid_scope");
  }
  const silent = await bodyOf<Answer>(await present([look], {}, { scope: "read" }));
  assertEquals([silent.scope, silent.authorization_details], ["read", undefined]);
  const unsaid = await bodyOf<Answer>(await present(undefined, {}));
  assertEquals(unsaid.scope, "read", "one that says nothing allows what is registered");
  assertEquals((await abouts()).toSorted(), [idp, idp, `${idp} ${look.type}`]);
  for (
    const [claim, asked] of [
      [undefined, look],
      [{ 0: look }, look],
      [[], look],
      [[part], look],
      [[{ ...look, days: 3 }], look],
      [[look, { type: "x" }], look],
      [[payment], payment],
      [[{ ...look, locations: [payments] }], { ...look, locations: [payments] }],
    ]
  ) assertEquals(await answerOf(await present(claim, asking(asked))), refused);
});
