import { assert, assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { signInOffline, userinfo } from "../support/tokens.ts";

Deno.test("if a client becomes public while its tokens are refreshed, none of the new tokens works afterwards", async () => {
  await using server = await anAdminApi({ clients: [aClient("shop")] });
  const { provider } = server;
  const browsers = Array.from({ length: 10 }, () => provider.browser());
  const held = await Promise.all(
    browsers.map((browser) => signInOffline(provider, { browser, client: "shop" })),
  );

  const [changed, ...refreshed] = await Promise.all([
    server.patch("/clients/shop", { token_endpoint_auth_method: "none" }),
    ...held.map(({ refresh_token }) => provider.refresh(refresh_token, { client: "shop" })),
  ]);
  assertEquals(changed.status, 200);
  for (const response of refreshed) {
    const { access_token, refresh_token } = await response.json();
    if (response.status !== 200) continue;
    assertEquals((await userinfo(provider, access_token)).status, 401);
    const without = { client_id: "shop", client_secret: undefined };
    const again = await provider.refresh(refresh_token, { parameters: without });
    assertEquals(again.status, 400);
  }
  assert(refreshed.every(({ status }) => [200, 400, 401].includes(status)));
});
