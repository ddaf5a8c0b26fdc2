import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { callback, register } from "../registration/registration.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { askForMail } from "../support/mail_sign_in.ts";
import { sentMails } from "../support/mails.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { testWeb } from "../support/web.ts";

const client_name = "verify at https://evil.example";
const shown = "An Example of Ann";

/** Which of these texts the newest mail has, in both of its forms. */
async function textsOf(provider: TestProvider): Promise<string[]> {
  const [mail] = await sentMails(provider);
  const texts = [client_name, shown, "app that no administrator has checked"];
  return texts.filter((text) => [mail?.text, mail?.html].every((form) => form?.includes(text)));
}

const unchecked = ["app that no administrator has checked"];

Deno.test("a mail repeats no words of a client that registered itself, until an operator has set its name", async () => {
  await using server = await anAdminApi({ config: { registration: "open" } });
  const { provider } = server;
  const { body } = await register(provider, {
    client_name,
    redirect_uris: [callback],
    token_endpoint_auth_method: "client_secret_post",
  });
  const { client_id, client_secret } = body;
  const at = `/clients/${client_id}`;
  const set = await server.patch(at, {
    grant_types: ["authorization_code", cibaGrant],
    backchannel_token_delivery_mode: "poll",
  });
  assertEquals(set.status, 200, JSON.stringify(set.body));
  const parameters = { client_id, redirect_uri: callback };
  const all = async () => {
    const told = [];
    for (const way of ["link", "code"] as const) {
      await askForMail(provider, way, { authorize: { parameters } });
      told.push(await textsOf(provider));
    }
    const form = { client_id, client_secret, scope: "openid", login_hint: alice.username };
    const asked = await provider.post("/backchannel_authentication", form);
    assertEquals(asked.status, 200, await asked.text());
    return [...told, await textsOf(provider)];
  };
  assertEquals(await all(), [unchecked, unchecked, unchecked]);

  await server.patch(at, { client_name: shown });
  assertEquals(await all(), [[shown], [shown], [shown]]);
});

Deno.test("a mail repeats no words of a client that is known by its document", async () => {
  const client_id = "https://evil.example/client.json";
  const redirect_uri = "https://evil.example/callback";
  const web = testWeb();
  web.publish(
    client_id,
    JSON.stringify({
      client_id,
      client_name,
      redirect_uris: [redirect_uri],
      token_endpoint_auth_method: "none",
    }),
  );
  const config = { clientIdDocuments: { mode: "open", hosts: [] } } as const;
  await using provider = await aProvider({ config, transport: web });
  await askForMail(provider, "link", { authorize: { parameters: { client_id, redirect_uri } } });
  assertEquals(await textsOf(provider), unchecked);
});
