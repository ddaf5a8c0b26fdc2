import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { ask, codeAt, outcomeAt, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import {
  accounts,
  accountType,
  asking,
  detailsProvider,
  detailsShop,
  look,
} from "../support/authorization_details.ts";
import { aProvider } from "../support/provider.ts";
import { introspect, tokensOf } from "../support/tokens.ts";

const client = "shop";
const scope = "openid offline_access";

Deno.test("each of several concurrent refreshes gets the details that it names, and none gets another's", async () => {
  const clients = [{ ...detailsShop, refresh_token_grace_period: 20 }];
  await using provider = await aProvider({ ...detailsProvider, clients });
  const whole = { ...look, actions: ["list", "balances", "history"] };
  const code = await provider.authorize({ client, parameters: { scope, ...asking(whole) } });
  const { refresh_token } = await tokensOf(await provider.exchange(code, { client }));
  const parts = [["list"], ["balances"], ["list", "history"], whole.actions];
  const wanted = Array.from({ length: 20 }, (_, n) => ({ ...look, actions: parts[n % 4] }));
  const answers = await Promise.all(wanted.map(async (detail) => {
    const response = await provider.refresh(refresh_token, { client, parameters: asking(detail) });
    return (await response.json()).authorization_details;
  }));
  assertEquals(answers, wanted.map((detail) => [detail]));
});

Deno.test("two consents at one moment are both remembered, each for its own details", async () => {
  await using provider = await aProvider(detailsProvider);
  const browser = await signedInBrowser(provider, { client });
  const details = [1, 2, 3, 4, 5].map((days) => ({ ...look, days }));
  const pages = await Promise.all(
    details.map((one) => ask(provider, { client, browser, parameters: asking(one) })),
  );
  const landed = await Promise.all(
    pages.map((page) => browser.submit(page, { decision: "allow" })),
  );
  assertEquals(landed.map(outcomeOf), details.map(() => "code"));
  for (const one of details) {
    assertEquals(await outcomeAt(provider, browser, asking(one), client), "code");
  }
  assertEquals(await outcomeAt(provider, browser, asking(...details.slice(0, 2)), client), "code");
  assertEquals(await outcomeAt(provider, browser, asking({ ...look, days: 6 }), client), "consent");
});

Deno.test("no token that is issued while its type is deleted has details afterwards", async () => {
  await using api = await anAdminApi(detailsProvider);
  const { provider } = api;
  const parameters = { scope, ...asking(look) };
  const browser = await signedInBrowser(provider, { client, parameters });
  const codes: string[] = [];
  for (let n = 0; n < 8; n++) {
    codes.push(codeAt(await ask(provider, { client, browser, parameters })));
  }
  const path = `/authorization-detail-types/${encodeURIComponent(accountType.type)}`;
  const [deleted, ...responses] = await Promise.all([
    api.call("DELETE", path, { headers: { "if-match": "*" } }),
    ...codes.map((code) => provider.exchange(code, { client })),
  ]);
  assertEquals(deleted.status, 204);
  const late = await provider.post("/token", {
    grant_type: "client_credentials",
    ...provider.credentials(client),
    ...asking({ ...look, locations: [accounts] }),
  });
  assertEquals(late.status, 400);
  for (const response of responses) {
    const { access_token } = await tokensOf(response);
    const told = await introspect(provider, access_token, "plain");
    assertEquals(told.authorization_details, undefined);
  }
});
