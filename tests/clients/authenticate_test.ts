import { assertEquals } from "@std/assert";
import { aClient, aPublicClient, basicHeader } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };
const grant_type = "client_credentials";

Deno.test("a client may send its secret in the header or in the body, whichever method it registered", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("poster", machine),
      aClient("basic", { ...machine, token_endpoint_auth_method: "client_secret_basic" }),
      aPublicClient("app"),
    ],
  });
  const inForm = (client_id: string) => ({
    client_id,
    client_secret: `the secret of ${client_id}`,
  });
  const inHeader = (id: string, secret = `the secret of ${id}`) => ({
    authorization: basicHeader(id, secret),
  });
  const ask = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
    await answerOf(await provider.post("/token", { grant_type, ...form }, headers));

  for (const id of ["poster", "basic"]) {
    assertEquals(await ask(inForm(id)), "200");
    assertEquals(await ask({}, inHeader(id)), "200");
    assertEquals(await ask({ client_id: id }, inHeader(id)), "200");
    assertEquals(await ask({ client_id: id }), "401 invalid_client");
    assertEquals(await ask({}, inHeader(id, "")), "401 invalid_client");
    assertEquals(await ask({ ...inForm(id), client_secret: "wrong" }), "401 invalid_client");
    assertEquals(await ask({}, inHeader(id, "wrong")), "401 invalid_client");
  }
  // An empty secret is none, which is all that a public client has.
  assertEquals(await ask({}, inHeader("app", "")), "400 unauthorized_client");
  assertEquals(await ask({}, inHeader("app", "any")), "401 invalid_client");
  assertEquals(await ask({ client_id: "app", client_secret: "any" }), "401 invalid_client");
});

Deno.test("Basic credentials that a library did not form-encode are accepted unchanged", async () => {
  const secrets = ["abc+def/ghi=+jklmnop", "100%-of-a-secret-here", "p%41ss+w:\u00f6 r/d=&0123"];
  const ids = ["plus+id", "percent%id", "plain"];
  const clients = ids.flatMap((id, i) =>
    secrets.map((client_secret, j) =>
      aClient(`${id}${i}${j}`, {
        ...machine,
        post_logout_redirect_uris: [],
        client_secret,
      })
    )
  );
  await using provider = await aProvider({ clients });
  for (const { client_id, client_secret = "" } of clients) {
    const bytes = new TextEncoder().encode(`${client_id}:${client_secret}`);
    const unencoded = `Basic ${btoa(String.fromCharCode(...bytes))}`;
    for (const authorization of [unencoded, basicHeader(client_id, client_secret)]) {
      const response = await provider.post("/token", { grant_type }, { authorization });
      assertEquals(await answerOf(response), "200", `${client_id} ${client_secret}`);
    }
    const wrong = { authorization: `Basic ${btoa(`${client_id}:%41 wrong+secret`)}` };
    const refused = await provider.post("/token", { grant_type }, wrong);
    assertEquals(await answerOf(refused), "401 invalid_client");
  }
});

Deno.test("both halves of Basic credentials are form-encoded", async () => {
  const client_id = "shop:1+a%20/~";
  const client_secret = "p:ss w%6Frd+ä€😀 & more";
  const client = aClient(client_id, {
    ...machine,
    post_logout_redirect_uris: [],
    client_secret,
    token_endpoint_auth_method: "client_secret_basic",
  });
  await using provider = await aProvider({ clients: [client] });

  const encoded = { authorization: basicHeader(client_id, client_secret) };
  assertEquals(await answerOf(await provider.post("/token", { grant_type }, encoded)), "200");
  // The scheme has any case, and one space or more after it (RFC 9110 section 11.4).
  for (const scheme of ["basic", "BASIC", "Basic  "]) {
    const authorization = encoded.authorization.replace("Basic", scheme);
    const response = await provider.post("/token", { grant_type }, { authorization });
    assertEquals(await answerOf(response), "200", scheme);
  }
});

Deno.test("more than one client authentication method is refused before either is checked", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", machine), aClient("other", machine)],
  });
  const authorization = basicHeader("shop", "the secret of shop");
  const twoMethods: Record<string, string>[] = [
    { client_id: "shop", client_secret: "the secret of shop" },
    { client_secret: "the secret of shop" },
    { client_id: "other" },
  ];
  for (const form of twoMethods) {
    const response = await provider.post("/token", { grant_type, ...form }, { authorization });
    assertEquals(await answerOf(response), "400 invalid_request", JSON.stringify(form));
  }
});

Deno.test("an unknown client, a wrong, a superfluous and a missing secret get the same answer, byte for byte", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", machine),
      aClient("basic", { ...machine, token_endpoint_auth_method: "client_secret_basic" }),
      aPublicClient("app"),
    ],
  });
  const wrong: [Record<string, string>, Record<string, string>][] = [
    [{ client_id: "nobody", client_secret: "the secret of shop" }, {}],
    [{ client_id: "shop", client_secret: "the secret of nobody" }, {}],
    [{ client_id: "shop" }, {}],
    [{ client_id: "nobody" }, {}],
    [{ client_id: "app", client_secret: "the secret of nobody" }, {}],
    [{ client_id: "x".repeat(257), client_secret: "the secret of nobody" }, {}],
    [{ client_id: "x".repeat(3000), client_secret: "the secret of nobody" }, {}],
    [{ client_id: "__proto__", client_secret: "the secret of nobody" }, {}],
    [{}, { authorization: basicHeader("nobody", "the secret of nobody") }],
    [{}, { authorization: `Basic ${btoa("shop:the+secret%20of%zz")}` }],
    [{}, { authorization: basicHeader("basic", "the secret of nobody") }],
    [{}, { authorization: basicHeader("basic", "") }],
    [{}, { authorization: basicHeader("app", "not empty") }],
    [{}, { authorization: basicHeader("x".repeat(257), "") }],
  ];
  for (
    const [path, form] of [["/token", { grant_type }], ["/introspect", { token: "x" }]] as const
  ) {
    const answers = new Set<string>();
    for (const [credentials, headers] of wrong) {
      const response = await provider.post(path, { ...form, ...credentials }, headers);
      response.headers.delete("x-request-id");
      answers.add(JSON.stringify([response.status, await response.text(), [...response.headers]]));
    }
    assertEquals(answers.size, 1, [...answers].join("\n"));
    assertEquals([...answers][0]?.startsWith("[401,"), true);
  }
});

Deno.test("a client that fails to authenticate is told the scheme, and the answer is not cached", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", machine)] });
  const response = await provider.post("/token", { grant_type, client_id: "shop" });
  assertEquals(await response.json(), {
    error: "invalid_client",
    error_description: "client authentication failed",
  });
  assertEquals(response.headers.get("www-authenticate"), 'Basic realm="client", charset="UTF-8"');
  assertEquals(response.headers.get("cache-control"), "no-store");
});

Deno.test("an Authorization header without valid Basic credentials is refused", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", machine)] });
  const broken = [
    "",
    "Basic",
    "Basic ",
    "Basic %%%",
    `Basic ${btoa("no colon")}`,
    `Basic ${btoa(":no id")}`,
    `Basic ${btoa("bad%escape:x")}`,
    `Basic ${btoa("shop:bad%zz")}`,
    `Basic ${btoa("not%FFutf8:x")}`,
    `Basic ${btoa("\xff\xfe:x")}`,
    `Basic ${btoa("shop:the secret of shop")} trailing`,
    "Bearer at_something",
    "Digest username=shop",
    "constructor __proto__",
  ];
  for (const authorization of broken) {
    const response = await provider.post("/token", { grant_type }, { authorization });
    assertEquals(await answerOf(response), "401 invalid_client", authorization);
    assertEquals(response.headers.has("www-authenticate"), true, authorization);
  }
});

Deno.test("a public client names itself, and cannot use grant types that need a secret", async () => {
  await using provider = await aProvider({ clients: [aPublicClient("app"), aClient("shop")] });
  const code = await provider.authorize();
  assertEquals(await answerOf(await provider.exchange(code)), "200");

  const { client_id } = provider.credentials("app");
  const machineToken = await provider.post("/token", { grant_type, client_id });
  assertEquals(await answerOf(machineToken), "400 unauthorized_client");
  const introspection = await provider.post("/introspect", { token: "at_x", client_id });
  assertEquals(await answerOf(introspection), "401 invalid_client");
});

Deno.test("a grant type that is missing, unknown or not registered gets its own error", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop"), aClient("machine", machine)],
  });
  const ask = async (type: string | undefined) =>
    await answerOf(
      await provider.post("/token", { grant_type: type, ...provider.credentials("shop") }),
    );
  assertEquals(await ask(undefined), "400 invalid_request");
  assertEquals(await ask(""), "400 invalid_request");
  for (const unknown of ["password", "implicit", "__proto__", "constructor", "toString"]) {
    assertEquals(await ask(unknown), "400 unsupported_grant_type", unknown);
  }
  assertEquals(await ask("client_credentials"), "400 unauthorized_client");

  const redirect_uri = "https://shop.example/callback";
  for (const form of [{ code: "x", redirect_uri }, { refresh_token: "x" }]) {
    const grant_type = "code" in form ? "authorization_code" : "refresh_token";
    const credentials = provider.credentials("machine");
    const response = await provider.post("/token", { grant_type, ...form, ...credentials });
    assertEquals(await answerOf(response), "400 unauthorized_client", grant_type);
  }
});
