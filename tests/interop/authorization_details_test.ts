import { assert, assertEquals } from "@std/assert";
import * as client from "openid-client";
import {
  accounts,
  asking,
  detailsProvider,
  detailsShop,
  look,
  payment,
  payments,
} from "../support/authorization_details.ts";
import { aClientKey, type ClientKey } from "../support/client_assertion.ts";
import { relyingParty } from "../support/openid_client.ts";
import { alice, aProvider } from "../support/provider.ts";
import { newRequest } from "./modes/openid_client.ts";

const asked = asking(payment, look);

type Send = (
  config: client.Configuration,
  parameters: Record<string, string>,
  key: ClientKey,
) => URL | Promise<URL>;

/** Each way in which openid-client sends a request; it puts the details into an object as an array. */
const ways: Readonly<Record<string, Send>> = {
  "by the browser": client.buildAuthorizationUrl,
  "pushed": (config, parameters) => client.buildAuthorizationUrlWithPAR(config, parameters),
  "signed": (config, parameters, key) =>
    client.buildAuthorizationUrlWithJAR(config, parameters, signingKey(key)),
  "signed and pushed": async (config, parameters, key) => {
    const url = await client.buildAuthorizationUrlWithJAR(config, parameters, signingKey(key));
    return await client.buildAuthorizationUrlWithPAR(config, url.searchParams);
  },
};

function signingKey({ privateKey }: ClientKey) {
  return { key: privateKey as never, kid: "1" }; // its types know no Deno
}

Deno.test("openid-client asks for authorization details in every way, and gets those of each resource", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({
    ...detailsProvider,
    clients: [
      { ...detailsShop, request_object_signing_alg: "ES256", jwks: { keys: [key.publicJwk] } },
      ...detailsProvider.clients.slice(1),
    ],
  });
  const config = await relyingParty(provider, "shop");
  const supported = config.serverMetadata().authorization_details_types_supported;
  assert(Array.isArray(supported) && supported.includes(payment.type));
  for (const [name, send] of Object.entries(ways)) {
    const request = await newRequest("shop", asked);
    const now = provider.clock.seconds();
    const parameters = { ...request.parameters, response_type: "code", iat: String(now) };
    const url = await send(config, parameters, key);
    const browser = provider.browser();
    const callback = await browser.signInAndAllow(url.pathname + url.search, alice);
    const atPayments = { resource: payments };
    const first = await client.authorizationCodeGrant(config, callback, request.checks, atPayments);
    assertEquals(
      first.authorization_details,
      [{ ...payment, locations: [payments] }],
      name,
    );
    const second = await client.refreshTokenGrant(config, first.refresh_token ?? "", {
      resource: accounts,
      ...asking({ ...look, actions: ["list"] }),
    });
    const narrow = [{ ...look, actions: ["list"] }];
    assertEquals(second.authorization_details, narrow, name);
    const told = await client.tokenIntrospection(config, second.access_token);
    assertEquals(told.authorization_details, narrow, name);
  }
});
