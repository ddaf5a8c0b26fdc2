import { assert, assertEquals } from "@std/assert";
import { accounts, asking, detailsProvider, look } from "../support/authorization_details.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { deviceGrant } from "../support/devices.ts";
import { anApp, deviceSecretType, signInOnDevice } from "../support/native_sso.ts";
import { aProvider, issuer } from "../support/provider.ts";
import {
  accessTokenType,
  grantType as tokenExchange,
  idTokenType,
} from "../support/token_exchange.ts";
import { aTrustedIssuer, jwtBearer } from "../support/trusted_issuer.ts";

/** More than the key of a record may have, in some of the forms that a value can have. */
const long = [
  "x".repeat(2600),
  `https://long.example/${"a".repeat(2600)}`,
  `${"a".repeat(2600)}.${"b".repeat(43)}`,
  `at_${"a".repeat(2600)}.${"b".repeat(43)}`,
];

Deno.test("a value that is too long for a key is refused, wherever a request has it", async () => {
  const server = await aTrustedIssuer();
  const trustedIssuers = [server.trusted()];
  await using provider = await aProvider({
    ...detailsProvider,
    clients: [
      ...detailsProvider.clients,
      aClient("wiki", { grant_types: [jwtBearer], redirect_uris: [], scope: "openid read" }),
      anApp("mail"),
    ],
    config: { trustedIssuers },
  });
  const app = await signInOnDevice(provider, "mail");
  const shop = provider.credentials("shop");
  const wiki = provider.credentials("wiki");
  const all = { scope: "read", resource: accounts, ...asking(look) };
  const browser = Object.fromEntries(
    new URLSearchParams(provider.authorizeUrl({ client: "shop" }).split("?")[1]),
  );
  const exchange = { grant_type: tokenExchange, subject_token_type: accessTokenType };
  const forms: readonly (readonly [string, Record<string, string>])[] = [
    ["/par", { ...browser, ...shop, ...all, login_hint: "x", id_token_hint: "x" }],
    ["/par", { ...browser, ...shop, request_uri: "x" }],
    ["/par", { ...browser, ...shop, request: "x" }],
    ["/token", { ...shop, ...all, grant_type: "client_credentials" }],
    ["/token", { ...shop, ...all, grant_type: "authorization_code", code: "x", redirect_uri: "x" }],
    ["/token", { ...shop, ...all, grant_type: "refresh_token", refresh_token: "x" }],
    ["/token", {
      ...{ ...shop, ...all, ...exchange, subject_token: app.access_token, audience: accounts },
      ...{ actor_token: app.access_token, actor_token_type: accessTokenType },
    }],
    ["/token", {
      ...{ ...provider.credentials("mail"), grant_type: tokenExchange, audience: issuer },
      ...{ subject_token: app.id_token, subject_token_type: idTokenType, resource: accounts },
      ...{ actor_token: app.device_secret, actor_token_type: deviceSecretType, scope: "openid" },
    }],
    ["/token", {
      ...provider.credentials("tv"),
      ...all,
      grant_type: deviceGrant,
      device_code: "x",
    }],
    ["/token", {
      ...provider.credentials("bank"),
      ...all,
      grant_type: cibaGrant,
      auth_req_id: "x",
    }],
    ["/token", { ...wiki, ...all, grant_type: jwtBearer, assertion: "x" }],
    ["/introspect", { ...shop, token: "x" }],
    ["/revoke", { ...shop, token: "x" }],
    ["/device_authorization", { ...provider.credentials("tv"), ...all, scope: "openid" }],
    ["/backchannel_authentication", {
      ...{ ...provider.credentials("bank"), ...all, scope: "openid" },
      ...{ login_hint: "alice", binding_message: "x", id_token_hint: "x" },
    }],
    ["/session/token/verify", { ...shop, token: "x" }],
  ];
  const failed: string[] = [];
  const answered = (response: Response, what: string) => {
    if (response.status >= 500) failed.push(`${response.status} ${what}`);
  };
  for (const [path, form] of forms) {
    const what = `${path} ${form.grant_type ?? ""}`;
    for (const name of Object.keys(form).filter((one) => one !== "grant_type")) {
      for (const value of long) {
        answered(await provider.post(path, { ...form, [name]: value }), `${what} ${name}`);
      }
    }
    for (const location of long) {
      const details = asking({ ...look, locations: [location] });
      answered(await provider.post(path, { ...form, ...details }), `${what} locations`);
    }
  }
  for (const name of ["resource", "scope", "sub", "jti", "email", "client_id", "iss", "aud"]) {
    for (const value of long) {
      const parameters = { ...wiki, grant_type: jwtBearer };
      const assertion = await server.idJag(provider, { [name]: value });
      answered(await provider.post("/token", { ...parameters, assertion }), `assertion ${name}`);
    }
  }
  for (const value of long) {
    const locations = [value];
    const claims = { authorization_details: [{ ...look, locations }] };
    const assertion = await server.idJag(provider, claims);
    const form = { ...wiki, grant_type: jwtBearer, assertion, ...asking(look) };
    answered(await provider.post("/token", form), "assertion locations");
  }
  const origin = { headers: { origin: "https://page.example" } };
  for (const value of long.map(encodeURIComponent)) {
    for (const name of Object.keys({ ...browser, ...all, request_uri: "", request: "" })) {
      const rest = new URLSearchParams({ ...browser, ...all });
      rest.delete(name);
      const path = `/authorize?${rest}&${name}=${value}`;
      answered(await provider.request(path), `/authorize ${name}`);
    }
    for (
      const path of [
        `/session?client_id=${value}`,
        `/session/token?client_id=${value}`,
        `/logout?client_id=${value}`,
        `/logout?id_token_hint=${value}`,
        `/device?user_code=${value}`,
        `/clients/${value}/logo`,
        `/register?client_id=${value}`,
        `/interaction/${value}`,
      ]
    ) answered(await provider.request(path, origin), path.slice(0, 40));
  }
  assert(failed.length === 0, failed.join("\n"));
});

Deno.test("a code or token that is too long to be one of this server's is unknown, as any other is", async () => {
  await using provider = await aProvider(detailsProvider);
  const shop = provider.credentials("shop");
  // What an application still holds after it has moved here from another provider.
  const foreign = [
    "x".repeat(300),
    `${"a".repeat(22)}.${"b".repeat(600)}`,
    `eyJ${"a".repeat(9000)}`,
  ];
  const answerOf = async (response: Response) => {
    const text = await response.text();
    return `${response.status} ${text === "" ? "" : JSON.parse(text).error ?? text}`;
  };
  for (const token of foreign) {
    const forms: Record<string, string>[] = [
      { ...shop, grant_type: "authorization_code", code: token },
      { ...shop, grant_type: "refresh_token", refresh_token: token },
      { ...provider.credentials("tv"), grant_type: deviceGrant, device_code: token },
      { ...provider.credentials("bank"), grant_type: cibaGrant, auth_req_id: token },
    ];
    for (const form of forms) {
      const answer = await answerOf(await provider.post("/token", form));
      assertEquals(answer, "400 invalid_grant", form.grant_type);
    }
    assertEquals(await answerOf(await provider.post("/revoke", { ...shop, token })), "200 ");
    const introspected = await provider.post("/introspect", { ...shop, token });
    assertEquals(await answerOf(introspected), '200 {"active":false}');
  }
});
