import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant, typeCode } from "../support/devices.ts";
import { alice } from "../support/provider.ts";
import { bodyOf } from "../support/tokens.ts";
import { callback, register } from "./registration.ts";

Deno.test("each page that asks for a client says that it registered itself, until an operator has set its name", async () => {
  await using server = await anAdminApi({ config: { registration: "open" } });
  const { provider } = server;
  const sent = {
    client_name: "Payroll",
    redirect_uris: [callback],
    token_endpoint_auth_method: "client_secret_post",
  };
  const { body: { client_id = "", client_secret = "" } } = await register(provider, sent);
  const at = `/clients/${client_id}`;
  const set = await server.patch(at, {
    grant_types: ["authorization_code", deviceGrant, cibaGrant],
    backchannel_token_delivery_mode: "poll",
  });
  assertEquals(set.status, 200, JSON.stringify(set.body));
  const asks = async () => {
    const form = { client_id, client_secret, scope: "openid" };
    const { user_code } = await bodyOf<{ user_code: string }>(
      await provider.post("/device_authorization", form),
    );
    await bodyOf(
      await provider.post("/backchannel_authentication", { ...form, login_hint: alice.username }),
    );
    const browser = provider.browser();
    const pages = [await typeCode(browser, user_code), await browser.open("/account/requests")];
    return pages.map(({ url, body }) => [
      url.pathname,
      body.includes(`value="allow"`) && body.includes("or checked its name."),
    ]);
  };
  assertEquals(await asks(), [["/device/confirm", true], ["/account/requests", true]]);
  await server.patch(at, { client_name: "An application of Ann" });
  assertEquals(await asks(), [["/device/confirm", false], ["/account/requests", false]]);
});
