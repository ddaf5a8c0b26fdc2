import { assertEquals } from "@std/assert";
import { paymentType } from "../support/authorization_details.ts";
import { aClient } from "../support/clients.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { anInstallation } from "./installation.ts";

const end = ", which does not exist: add it to the file, or create it by the admin API";

Deno.test("what entries of the file name and does not exist is one warning each", async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await using installation = await anInstallation();
  const shop = {
    ...aClient("shop"),
    scope: "openid orders",
    // In another spelling it is the same.
    resources: ["HTTPS://API.example", { resource: "https://apy.example", scope: "orders" }],
    authorization_details_types: [paymentType.type, "payment"],
  };
  const file = {
    clients: [shop],
    authorization_detail_types: [paymentType],
    trusted_issuers: [{
      issuer: "https://idp.example",
      clients: ["shop", "wiki"],
      email_domains: ["corp.example"],
    }],
    resources: [{
      resource: "https://api.example/",
      scopes: ["orders"],
      clients: ["shop", "ghost", "https://app.example/client"],
      introspection_clients: ["shop", "ghost"],
    }],
  };
  await installation.boot(file, { logger });
  await installation.boot(file, { logger }); // applied before
  assertEquals(warnings.filter((message) => message.includes("does not exist")).toSorted(), [
    `client "shop" of the bootstrap file names the resource https://apy.example${end}`,
    `client "shop" of the bootstrap file names the type of authorization details payment${end}`,
    `resource "https://api.example/" of the bootstrap file names the client ghost${end}`,
    `trusted_issuer "https://idp.example" of the bootstrap file names the client wiki${end}`,
  ]);
});

Deno.test("a resource that names any client is no warning", async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await using installation = await anInstallation();
  const resource = { resource: "https://api.example/", clients: "any" };
  await installation.boot({ resources: [resource], clients: [aClient("shop")] }, { logger });
  assertEquals(warnings.filter((message) => message.includes("does not exist")), []);
});
