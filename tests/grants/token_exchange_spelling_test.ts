import { assertEquals } from "@std/assert";
import { resourceOf } from "../../src/grantable/resource_entry.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as resources from "../../stores/resources.ts";
import { anAdminApi } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { exchange, type Exchanged, exchanger } from "../support/token_exchange.ts";
import { answerOf, bodyOf, signIn } from "../support/tokens.ts";

const pairs = [
  ["https://API.example/x", "https://api.example/x"],
  ["https://api.example", "https://api.example/"],
  ["https://api.example/", "https://api.example"],
] as const;
const stock = "https://stock.example";

function twoSpellings(first: string) {
  const own = { ...exchanger, redirect_uris: ["https://shop.example/callback"] };
  return [
    aClient("shop", {
      grant_types: [...exchanger.grant_types, "authorization_code"],
      redirect_uris: own.redirect_uris,
      scope: "openid read",
    }),
    // Its tokens may come from the first alone, and be for the first alone.
    aClient("from", {
      ...exchanger,
      token_exchange: { subject_audiences: [first], resources: [stock] },
    }),
    aClient("to", {
      ...exchanger,
      token_exchange: { subject_audiences: [stock], resources: [first] },
    }),
  ];
}

/** As release 0.2 let an operator register them. */
async function register(
  provider: TestProvider,
  names: readonly string[],
  clients: "any" | string[] = "any",
) {
  await provider.deps.kv.step(systemOrigin, (tx) => {
    for (const resource of names) {
      const entry = { resource, scopes: ["read"], access_token_format: "opaque" as const };
      resources.create(
        tx,
        resourceOf({ ...entry, introspection_clients: [], clients }, tx.now),
      );
    }
    return Promise.resolve();
  });
}

Deno.test("an exchange policy opens the one of two registered spellings that it names", async () => {
  for (const [first, second] of pairs) {
    await using provider = await aProvider({ clients: twoSpellings(first) });
    await register(provider, [first, second, stock]);
    const tokens = new Map<string, string>();
    for (const resource of [first, second, stock]) {
      const parameters = { scope: "openid read", resource };
      tokens.set(resource, (await signIn(provider, { client: "shop", parameters })).access_token);
    }
    const ask = async (client: string, subject: string, parameters: Record<string, string>) => {
      const token = tokens.get(subject) ?? "";
      const answer = await exchange(provider, token, parameters, { client });
      if (answer.status !== 200) return await answerOf(answer);
      const { access_token } = await bodyOf<Exchanged>(answer);
      const form = { token: access_token, ...provider.credentials(client) };
      return (await bodyOf<{ aud?: unknown }>(await provider.post("/introspect", form))).aud;
    };
    const outcomes = {
      fromFirst: await ask("from", first, { audience: stock }),
      fromSecond: await ask("from", second, { audience: stock }),
      toFirst: await ask("to", stock, { resource: first }),
      toSecond: await ask("to", stock, { resource: second }),
      toBoth: await ask("to", stock, { resource: first, audience: second }),
      ownAgain: await ask("shop", first, {}),
      ownOther: await ask("shop", first, { resource: second }),
    };
    assertEquals(outcomes, {
      fromFirst: stock,
      fromSecond: "400 invalid_request",
      toFirst: first,
      toSecond: "400 invalid_target",
      toBoth: "400 invalid_target",
      ownAgain: first,
      ownOther: "400 invalid_target",
    }, `${first} and ${second}`);
  }
});

Deno.test("a policy finds a resource that is registered once, with or without the slash of its empty path", async () => {
  for (const [first, second] of pairs.slice(1)) {
    await using provider = await aProvider({ clients: twoSpellings(first) });
    await register(provider, [second, stock]);
    const parameters = { scope: "openid read", resource: first };
    const { access_token } = await signIn(provider, { client: "shop", parameters });
    const answer = await exchange(provider, access_token, { audience: stock }, { client: "from" });
    const { access_token: forStock } = await bodyOf<Exchanged>(answer);
    for (
      const sent of [{ resource: second }, { resource: first }, {
        resource: first,
        audience: second,
      }]
    ) {
      const back = await exchange(provider, forStock, sent, { client: "to" });
      assertEquals(back.status, 200, JSON.stringify([second, sent]));
      await back.body?.cancel();
    }
  }
});

Deno.test("a policy may write this server with a slash at the end", async () => {
  const policy = { subject_audiences: [`${issuer}/`], resources: [`${issuer}/`] };
  const robot = aClient("to", { ...exchanger, scope: "openid", token_exchange: policy });
  await using provider = await aProvider({ clients: [aClient("shop"), robot] });
  const { access_token } = await signIn(provider, { parameters: { scope: "openid" } });
  const answer = await exchange(provider, access_token, { audience: issuer }, { client: "to" });
  assertEquals((await bodyOf<{ scope: string }>(answer)).scope, "openid");
});

Deno.test("an entry for one of two spellings opens no authorization details at the other", async () => {
  for (const [first, second] of pairs.slice(1)) {
    const type = { type: "report", resources: [first], text: { en: "Report" } };
    const both = { type: "all", resources: [first, second], text: { en: "All" } };
    const members = { authorization_details_types: ["report", "all"], scope: "read" };
    const robot = (id: string, more = {}) =>
      aClient(id, { ...exchanger, ...members, token_exchange: undefined, ...more });
    await using provider = await aProvider({
      clients: [robot("any"), robot("limited", { resources: [first] })],
      authorizationDetailTypes: [type, both],
    });
    await register(provider, [first, second], ["any"]);
    const ask = async (client: string, asked: string, location: string) => {
      const details = JSON.stringify([{ type: asked, locations: [location] }]);
      const form = {
        grant_type: "client_credentials",
        resource: location,
        authorization_details: details,
      };
      return await answerOf(
        await provider.post("/token", { ...form, ...provider.credentials(client) }),
      );
    };
    const refused = "400 invalid_authorization_details";
    assertEquals([
      await ask("any", "report", first),
      await ask("any", "report", second),
      await ask("any", "all", second),
      await ask("limited", "all", first),
      await ask("limited", "all", second),
    ], ["200", refused, "200", "200", refused]);
  }
});

Deno.test("details stay at the one of two spellings that each names, and while its type names that one", async () => {
  for (const [first, second] of pairs.slice(1)) {
    const report = { type: "report", resources: [first], text: { en: "Report" } };
    const all = { type: "all", resources: [first, second], text: { en: "All" } };
    const redirect_uris = ["https://shop.example/callback"];
    const shop = aClient("shop", {
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris,
      scope: "openid read offline_access",
      authorization_details_types: ["report", "all"],
    });
    await using api = await anAdminApi({
      clients: [shop],
      authorizationDetailTypes: [report, all],
    });
    const { provider } = api;
    await register(provider, [first, second]);
    const atFirst = { type: "report", locations: [first] };
    const atSecond = { type: "all", locations: [second] };
    const begin = (details: unknown[]) =>
      provider.authorize({
        client: "shop",
        parameters: {
          scope: "openid offline_access",
          authorization_details: JSON.stringify(details),
        },
      });
    const ask = async (token: string, parameters: Record<string, string>) => {
      const response = await provider.refresh(token, { client: "shop", parameters });
      return await response.json();
    };
    const begun = await bodyOf<{ refresh_token: string; authorization_details: unknown }>(
      await provider.exchange(await begin([atFirst, atSecond]), {
        client: "shop",
        parameters: { resource: first },
      }),
    );
    assertEquals(begun.authorization_details, [atFirst], `${first} and ${second}`);
    const next = await ask(begun.refresh_token, { resource: second });
    assertEquals(next.authorization_details, [atSecond]);

    const at = encodeURIComponent(second);
    await api.patch(`/resources/${at}`, { metadata: {} });
    const metadata = await provider.request(`/.well-known/oauth-protected-resource/${at}`);
    assertEquals((await metadata.json()).authorization_details_types_supported, ["all"]);

    await api.patch("/authorization-detail-types/report", { resources: [second] });
    const last = await ask(next.refresh_token, {});
    assertEquals(last.authorization_details, [atSecond], JSON.stringify(last));

    const { refresh_token } = await bodyOf<{ refresh_token: string }>(
      await provider.exchange(await begin([{ type: "all" }]), {
        client: "shop",
        parameters: { resource: first },
      }),
    );
    const part = await ask(refresh_token, { authorization_details: JSON.stringify([atSecond]) });
    assertEquals(part.authorization_details, [atSecond], JSON.stringify(part));
  }
});
