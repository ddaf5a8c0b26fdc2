import { assert, assertEquals } from "@std/assert";
import { clientMetadataSchema } from "../../src/clients/metadata.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { anAdminApi, everyItem } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, signIn } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

/** Why a client with these members is refused; `ok` if it is not. */
function verdictOn(members: Record<string, unknown>): string {
  const { error } = clientMetadataSchema.safeParse(aClient("shop", members));
  return error?.issues.map(({ path, message }) => `${path}: ${message}`).join() ?? "ok";
}

Deno.test("the URIs that the server calls are https and plain, and in front of the user on an origin of the client", () => {
  const notHttps = "must be an https URL";
  const origin = "must have the scheme, host and port of a redirect URI";
  const both: [uri: string, problem: string | null][] = [
    ["https://shop.example/logout", null],
    ["https://shop.example/logout?way=1", null],
    ["http://shop.example/logout", notHttps],
    ["ftp://shop.example/logout", notHttps],
    ["javascript:alert(1)", notHttps],
    ["app.shop:/logout", notHttps],
    ["/logout", notHttps],
    ["", notHttps],
    ["https://shop.example/logout#part", "must have no fragment"],
    ["https://shop.example/logout#", "must have no fragment"],
    ["https://user:pass@shop.example/logout", "must have no user name or password"],
    [" https://shop.example/logout", "must be printable ASCII without backslashes"],
    ["https://shop.example/a b", "must be printable ASCII without backslashes"],
    ["https://shop.example/\u00e4", "must be printable ASCII without backslashes"],
    ["https://shop.example\\@evil.example/", "must be printable ASCII without backslashes"],
    [`https://shop.example/${"x".repeat(2048)}`, "must have at most 2048 characters"],
  ];
  for (const name of ["backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri"]) {
    for (const [uri, problem] of both) {
      assertEquals(
        verdictOn({ [name]: uri }),
        problem === null ? "ok" : `${name}: ${problem}`,
        uri,
      );
    }
  }
  for (
    const uri of [
      "https://evil.example/logout",
      "https://shop.example:8443/logout",
      "https://www.shop.example/logout",
      "http://localhost/logout",
    ]
  ) {
    assertEquals(verdictOn({ frontchannel_logout_uri: uri }), `frontchannel_logout_uri: ${origin}`);
    assertEquals(verdictOn({ backchannel_logout_uri: uri }), "ok", uri);
  }
  for (const name of ["shop.example", "shop.example:443", "localhost:3000"]) {
    const native = { application_type: "native", redirect_uris: [`com.app://${name}/callback`] };
    for (const scheme of ["https", "http"]) {
      const uri = `${scheme}://${name}/logout`;
      const verdict = verdictOn({ ...native, frontchannel_logout_uri: uri });
      assertEquals(verdict.startsWith("frontchannel_logout_uri"), true, `${uri}: ${verdict}`);
    }
  }
  const local = { redirect_uris: ["http://localhost:3000/callback"] };
  assertEquals(
    verdictOn({ ...local, frontchannel_logout_uri: "http://localhost:3000/logout" }),
    "ok",
  );
});

Deno.test("a stranger's client is told at a host of its own only, and a document loses what is not possible", async () => {
  const web = testWeb();
  const config = {
    registration: "open",
    clientIdDocuments: { mode: "open", hosts: [] },
  } as const;
  await using provider = await aProvider({ transport: web, config });
  const register = (members: Record<string, unknown>) =>
    provider.request("/register", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["https://app.example/callback"], ...members }),
    });
  for (const backchannel_logout_uri of ["https://victim.example/x", "http://app.example/x"]) {
    const answer = await register({ backchannel_logout_uri });
    assertEquals(await answerOf(answer), "400 invalid_client_metadata");
  }
  const native = {
    application_type: "native",
    redirect_uris: ["com.evil.app://victim.example/callback"],
  };
  for (const uri of ["https://victim.example/x", "https://victim.example:8443/x"]) {
    const answer = await register({ ...native, backchannel_logout_uri: uri });
    assertEquals(await answerOf(answer), "400 invalid_client_metadata", uri);
  }
  const members = {
    backchannel_logout_uri: "https://app.example:8443/logout",
    backchannel_logout_session_required: true,
    frontchannel_logout_uri: "https://app.example/logout",
    frontchannel_logout_session_required: true,
  };
  const answer = await (await register(members)).json();
  for (const [name, value] of Object.entries(members)) assertEquals(answer[name], value, name);

  const client_id = "https://app.example/client";
  const document = {
    client_id,
    redirect_uris: ["https://app.example/callback"],
    backchannel_logout_uri: "https://victim.example/x",
    frontchannel_logout_uri: "https://victim.example/x",
  };
  web.publish(client_id, JSON.stringify(document));
  const page = await provider.browser().open(
    `/authorize?${new URLSearchParams({
      client_id,
      redirect_uri: "https://app.example/callback",
      response_type: "code",
      scope: "openid",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    })}`,
  );
  assertEquals(page.url.pathname, "/login");
  const clients = await import("../../stores/clients.ts");
  const { systemOrigin } = await import("../../stores/engine/transaction.ts");
  const { client } = await provider.deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ client: clients.ref(client_id) }),
  );
  assert(client.value);
  const { backchannelLogoutUri, frontchannelLogoutUri } = client.value;
  assertEquals([backchannelLogoutUri, frontchannelLogoutUri], [null, null]);
});

Deno.test("operators see each message and its fate, and a private address is not called", async () => {
  const receiver = logoutReceiver();
  const uri = (name: string) => ({ backchannel_logout_uri: `https://${name}.example/logout` });
  await using api = await anAdminApi({
    clients: [aClient("shop", uri("shop")), aClient("desk", uri("desk")), aClient("in", uri("in"))],
    transport: {
      ...receiver,
      resolve: (host) => Promise.resolve([host === "in.example" ? "10.0.0.7" : "8.8.8.8"]),
    },
  });
  const { provider } = api;
  receiver.answer("https://desk.example/logout", 400);
  const browser = provider.browser();
  for (const client of ["shop", "desk", "in"]) await signIn(provider, { browser, client });
  await browser.send("/session", { method: "DELETE" });
  await tellOfLogouts(provider.deps);

  const items = await everyItem(api, "/logout-messages");
  const shown = items.map(({ client_id, state, attempts, last_error }) =>
    [client_id, state, attempts, last_error].join(" ")
  );
  assertEquals(shown.toSorted(), [
    "desk failed 1 answered 400",
    "in waiting 1 in.example is at an address that is not public",
    "shop told 1 ",
  ]);
  assertEquals(receiver.received.map(({ url }) => new URL(url).host).toSorted(), [
    "desk.example",
    "shop.example",
  ]);
  const { userId } = await provider.userOf("alice");
  assertEquals(JSON.stringify(items).includes(userId), false);
  assertEquals((await everyItem(api, "/logout-messages?state=failed")).length, 1);
  assertEquals((await everyItem(api, "/logout-messages?client_id=in&state=waiting")).length, 1);
  assertEquals((await api.get("/logout-messages?state=lost")).status, 400);
  assertEquals((await api.call("GET", "/logout-messages", { token: null })).status, 401);
});
