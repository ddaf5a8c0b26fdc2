import { assertEquals } from "@std/assert";
import * as oauth from "oauth4webapi";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";

const secret = "Zk3vQ9xT7mLw2pRb8nYc5dHsZk3vQ9xT7mLw2pRb8nYc5dHs";

/** The provider as the library reaches it; its clock is that of the library. */
function reach(provider: TestProvider) {
  const offset = provider.clock.seconds() - Math.floor(Date.now() / 1000);
  return {
    offset,
    options: {
      [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
        provider.request(new URL(url).pathname + new URL(url).search, {
          method: init.method,
          headers: init.headers,
          ...(init.body === undefined ? {} : { body: init.body as BodyInit }),
        }),
    },
  };
}

Deno.test("oauth4webapi authenticates by each method, as it comes out of the box", async () => {
  const grants = { grant_types: ["client_credentials"], redirect_uris: [] };
  const keys: Record<string, Awaited<ReturnType<typeof aClientKey>>> = {};
  for (const alg of ["ES256", "PS256", "RS256", "Ed25519"]) keys[alg] = await aClientKey(alg);
  await using provider = await aProvider({
    clients: [
      aClient("client_secret_basic", { ...grants, client_secret: secret }),
      aClient("client_secret_post", { ...grants, client_secret: secret }),
      aClient("client_secret_jwt", {
        ...grants,
        client_secret: secret,
        token_endpoint_auth_method: "client_secret_jwt",
      }),
      ...Object.entries(keys).map(([alg, { publicJwk }]) =>
        aKeyClient(alg, { ...grants, jwks: { keys: [publicJwk] } })
      ),
    ],
  });
  const { options, offset } = reach(provider);
  const found = await oauth.discoveryRequest(new URL(issuer), options);
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const methods: Record<string, oauth.ClientAuth> = {
    client_secret_basic: oauth.ClientSecretBasic(secret),
    client_secret_post: oauth.ClientSecretPost(secret),
    client_secret_jwt: oauth.ClientSecretJwt(secret),
    ...Object.fromEntries(
      Object.entries(keys).map(([alg, { privateKey }]) => [
        alg,
        // Checked beside Node's types, the library's CryptoKey is no type at all.
        oauth.PrivateKeyJwt({ key: privateKey as never, kid: "1" }),
      ]),
    ),
  };
  for (const [client_id, authenticate] of Object.entries(methods)) {
    const client = { client_id, [oauth.clockSkew]: offset };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authenticate,
      new URLSearchParams(),
      options,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);
    const asked = await oauth.introspectionRequest(
      server,
      client,
      authenticate,
      access_token,
      options,
    );
    const { active } = await oauth.processIntrospectionResponse(server, client, asked);
    assertEquals(active, true, client_id);
    const revoked = await oauth.revocationRequest(
      server,
      client,
      authenticate,
      access_token,
      options,
    );
    await oauth.processRevocationResponse(revoked);
  }
});

Deno.test("oauth4webapi registers a client with a key of its own", async () => {
  const { publicJwk } = await aClientKey();
  await using provider = await aProvider({ config: { registration: "open" } });
  const { options } = reach(provider);
  const found = await oauth.discoveryRequest(new URL(issuer), options);
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const answer = await oauth.dynamicClientRegistrationRequest(server, {
    redirect_uris: ["https://app.example/callback"],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [publicJwk] },
  }, options);
  const client = await oauth.processDynamicClientRegistrationResponse(answer);
  assertEquals(client.token_endpoint_auth_method, "private_key_jwt");
  assertEquals(client.client_secret, undefined);
});
