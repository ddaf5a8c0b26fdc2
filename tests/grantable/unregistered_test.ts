import { assertEquals } from "@std/assert";
import { outcomeAt } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";
import type { Logger } from "../../src/telemetry/logger.ts";

const api = "https://api.example";
const grant_types = ["authorization_code", "client_credentials"];

/** A provider whose operator has said nothing of who may ask for what, as before that could be said. */
async function asBefore(
  unregisteredResources: "allow" | "refuse",
  { client = {}, resource = {} }: Record<"client" | "resource", Record<string, unknown>>,
) {
  const warnings: unknown[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn(message, fields) {
      // The start warns of names in the entries that do not exist, too.
      if (message.startsWith("a client asks")) warnings.push([message.slice(0, 27), fields]);
    },
    error() {},
  };
  const provider = await aProvider({
    config: { unregisteredResources },
    logger,
    clients: [aClient("shop", { grant_types, scope: "openid read", ...client })],
    resources: [{ resource: api, scopes: ["read"], clients: undefined, ...resource }],
  });
  const own = async () => {
    const response = await provider.post("/token", {
      grant_type: "client_credentials",
      resource: api,
      ...provider.credentials(),
    });
    return response.status === 200 ? (await tokensOf(response)).scope : await answerOf(response);
  };
  return { provider, own, warnings };
}

const silent = { client: {}, resource: {} };

Deno.test("without any registration of resources, earlier requests still work, and the log warns once", async () => {
  const { provider, own, warnings } = await asBefore("allow", silent);
  await using _ = provider;
  assertEquals([await own(), await own()], ["read", "read"]);
  const parameters = { scope: "openid read", resource: api };
  assertEquals(await outcomeAt(provider, provider.browser(), parameters), "login");
  assertEquals(warnings, [["a client asks for a resourc", { clientId: "shop", resource: api }]]);
  // A request that asks nothing of the resource was never meant to work.
  const nothing = { scope: "openid", resource: api };
  assertEquals(
    await outcomeAt(provider, provider.browser(), nothing),
    "error invalid_target",
  );
});

Deno.test("the old rule ends as soon as one registration says who may request, or by the setting", async () => {
  const target = "400 invalid_target";
  const table = [
    ["refuse", silent, target],
    ["allow", { client: { resources: [] }, resource: {} }, target],
    ["allow", { client: { resources: ["https://other.example"] }, resource: {} }, target],
    ["allow", { client: {}, resource: { clients: [] } }, target],
    ["allow", { client: {}, resource: { clients: ["other"] } }, target],
    ["refuse", { client: { resources: [api] }, resource: {} }, "read"],
    ["refuse", { client: {}, resource: { clients: ["shop"] } }, "read"],
    ["refuse", { client: {}, resource: { clients: "any" } }, "read"],
  ] as const;
  for (const [rule, registrations, expected] of table) {
    const { provider, own, warnings } = await asBefore(rule, registrations);
    await using _ = provider;
    assertEquals(await own(), expected, JSON.stringify([rule, registrations]));
    assertEquals(warnings, []);
  }
});
