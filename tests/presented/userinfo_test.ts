import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { deleteUser, editUser } from "../support/records.ts";
import { answerOf, introspect, signIn, signInOffline, userinfo } from "../support/tokens.ts";

const everything = {
  name: "Alice Adams",
  given_name: "Alice",
  email: "alice@example.com",
  email_verified: true,
  phone_number: "+49 30 1234",
  address: { locality: "Berlin", country: "Germany" },
};
const users = [{ ...alice, claims: everything }];

async function claimsOf(provider: TestProvider, parameters: Record<string, string>) {
  const { access_token } = await signIn(provider, { parameters });
  const response = await userinfo(provider, access_token);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store");
  return await response.json();
}

Deno.test("userinfo returns exactly the claims of the granted scope", async () => {
  await using provider = await aProvider({ users });
  const table: [string, string[]][] = [
    ["openid", ["sub"]],
    ["openid email", ["email", "email_verified", "sub"]],
    ["openid phone", ["phone_number", "sub"]],
    ["openid address", ["address", "sub"]],
    ["openid profile", ["given_name", "name", "preferred_username", "sub", "updated_at"]],
  ];
  for (const [scope, names] of table) {
    assertEquals(Object.keys(await claimsOf(provider, { scope })).sort(), names, scope);
  }
});

Deno.test("userinfo returns the claims that were requested by name, if the user has them", async () => {
  await using provider = await aProvider({ users });
  const claims = JSON.stringify({
    userinfo: {
      email: { essential: true },
      phone_number: { value: "+49 30 1234" },
      address: { value: "Berlin" },
      nickname: null,
      sub: null,
      __proto__: null,
      constructor: null,
      passwordHash: null,
    },
    id_token: { name: null },
  });
  const { sub, ...told } = await claimsOf(provider, { scope: "openid", claims });
  assertEquals(told, { email: everything.email, phone_number: everything.phone_number });
  assertEquals(/^[A-Za-z0-9_-]{22}$/.test(sub), true);
});

Deno.test("userinfo, ID token and introspection have the same subject", async () => {
  await using provider = await aProvider();
  const { access_token, id_token } = await signIn(provider);
  const { sub } = await (await userinfo(provider, access_token)).json();
  assertEquals(decodeJwt(id_token).sub, sub);
  assertEquals((await introspect(provider, access_token)).sub, sub);
});

Deno.test("userinfo shows a changed mail address at once", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const email = async () => (await (await userinfo(provider, access_token)).json()).email;
  assertEquals(await email(), "alice@example.com");
  await editUser(provider, "alice", { claims: { email: "alice@new.example" } });
  assertEquals(await email(), "alice@new.example");
});

Deno.test("a token of a user who is suspended, deleted or signed out is invalid", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const online = await signIn(provider, { browser });
  const offline = await signInOffline(provider);
  const answers = async () =>
    await Promise.all(
      [online, offline].map(async ({ access_token }) =>
        await answerOf(await userinfo(provider, access_token))
      ),
    );
  assertEquals(await answers(), ["200", "200"]);
  await editUser(provider, "alice", { status: "suspended" });
  assertEquals(await answers(), ["401 invalid_token", "401 invalid_token"]);
  await editUser(provider, "alice", { status: "active" });
  await browser.send("/session", { method: "DELETE" });
  assertEquals(await answers(), ["401 invalid_token", "200"]);
  await deleteUser(provider, "alice");
  assertEquals(await answers(), ["401 invalid_token", "401 invalid_token"]);
});

Deno.test("a token for a resource server is refused at userinfo", async () => {
  for (const access_token_format of ["opaque", "jwt"]) {
    await using provider = await aProvider({
      clients: [aClient("shop", { scope: "openid email read" })],
      resources: [{ resource: "https://api.example", scopes: ["read"], access_token_format }],
    });
    const { access_token } = await signIn(provider, {
      parameters: { scope: "openid email read", resource: "https://api.example" },
    });
    assertEquals((await introspect(provider, access_token)).active, true);
    const answer = await answerOf(await userinfo(provider, access_token));
    assertEquals(answer, "401 invalid_token", access_token_format);
  }
});

Deno.test("a bearer token is accepted in the header, or in the form of a POST", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const authorization = `Bearer ${access_token}`;
  const form = new URLSearchParams({ access_token });
  const good: RequestInit[] = [
    { headers: { authorization } },
    { headers: { authorization: authorization.replace("Bearer", "bearer") } },
    { headers: { authorization: authorization.replace(" ", "   ") } },
    { method: "POST", headers: { authorization } },
    { method: "POST", headers: { authorization }, body: new URLSearchParams({ x: "1" }) },
    { method: "POST", headers: { authorization, "content-type": "application/json" }, body: "{}" },
    { method: "POST", body: form },
    {
      method: "POST",
      headers: { "content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8" },
      body: form.toString(),
    },
  ];
  for (const init of good) {
    assertEquals((await provider.request("/userinfo", init)).status, 200, JSON.stringify(init));
  }
});

Deno.test("errors about a bearer token have the format of RFC 6750", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const noOpenid = (await signIn(provider, { parameters: { scope: "email" } })).access_token;
  const authorization = `Bearer ${access_token}`;
  const form = (...tokens: string[]) =>
    new URLSearchParams(tokens.map((token) => ["access_token", token]));

  const table: [string, RequestInit, number, string | null][] = [
    ["", {}, 401, null],
    ["", { method: "POST" }, 401, null],
    ["", { method: "POST", body: form() }, 401, null],
    ["", { headers: { authorization: "Bearer" } }, 401, "invalid_token"],
    ["", { headers: { authorization: "Bearer x y" } }, 401, "invalid_token"],
    ["", { headers: { authorization: `Basic ${btoa("shop:x")}` } }, 401, null],
    ["", { headers: { authorization: `Bearers ${access_token}` } }, 401, null],
    ["", { headers: { authorization: `Bearer ${access_token}x` } }, 401, "invalid_token"],
    ["", { headers: { authorization: "Bearer x" } }, 401, "invalid_token"],
    ["", { headers: { authorization: `Bearer ${noOpenid}` } }, 403, "insufficient_scope"],
    ["", { method: "POST", headers: { authorization }, body: form("x") }, 400, "invalid_request"],
    ["", { method: "POST", body: form(access_token, access_token) }, 400, "invalid_request"],
    [`?access_token=${access_token}`, {}, 400, "invalid_request"],
    [`?access_token=${access_token}`, { headers: { authorization } }, 400, "invalid_request"],
  ];
  for (const [query, init, status, code] of table) {
    const response = await provider.request(`/userinfo${query}`, init);
    const label = `${query} ${JSON.stringify(init)}`;
    assertEquals(response.status, status, label);
    assertEquals(response.headers.get("cache-control"), "no-store", label);
    const challenge = response.headers.get("www-authenticate") ?? "";
    const { error, error_description } = await response.json();
    if (code === null) {
      // Who sent no token is told how to authenticate, and no error (section 3.1).
      assertEquals(/^Bearer realm="[^"]+"/.test(challenge), true, challenge);
      assertEquals(challenge.includes("error"), false, challenge);
    } else {
      assertEquals(error, code, label);
      assertEquals(
        challenge,
        `Bearer error="${code}", error_description="${error_description}"`,
        label,
      );
    }
  }
});
