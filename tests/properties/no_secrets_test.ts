import { assert, assertEquals } from "@std/assert";
import { formOf } from "../support/browser.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { alice, aProvider, codeVerifier } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { introspect, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

/** Every text and every byte string within a value, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsOf(inner)]);
}

Deno.test("the store contains no secret that was issued or typed in", async () => {
  const scope = "openid profile email offline_access read";
  const clients = [
    aClient("shop", { scope, refresh_token_grace_period: 10 }),
    aPublicClient("app", { scope }),
    aClient("machine", { grant_types: ["client_credentials"], redirect_uris: [], scope: "read" }),
  ];
  await using provider = await aProvider({
    clients,
    resources: [{
      resource: "https://api.example",
      scopes: ["read"],
      access_token_format: "jwt",
      introspection_clients: ["shop"],
    }],
  });
  const secrets = new Set<string>([alice.password, codeVerifier]);
  for (const { client_secret } of clients) if (client_secret) secrets.add(client_secret);
  const forget = (value: string) => {
    secrets.add(value);
    // The part that nobody can guess, on its own: ids are no secrets.
    const last = value.split(".").at(-1) ?? "";
    if (last.length >= 43) secrets.add(last);
  };
  const keep = (tokens: object) =>
    Object.entries(tokens).filter(([name]) => /_token$/.test(name))
      .forEach(([, value]) => value !== "" && forget(value));
  const state = "a-state-of-the-client";

  for (const client of ["shop", "app"]) {
    for (const resource of [undefined, "https://api.example"]) {
      const browser = provider.browser();
      const url = provider.authorizeUrl({ client, parameters: { scope, resource, state } });
      const login = await browser.open(url);
      forget(formOf(login.body).hidden.form_token ?? "");
      await browser.submit(login, { username: "alice", password: "a wrong password of alice" });
      secrets.add("a wrong password of alice");
      const consent = await browser.submit(login, {
        username: alice.username,
        password: alice.password,
      });
      forget(formOf(consent.body).hidden.form_token ?? "");
      const landed = await browser.submit(consent, { decision: "allow" });
      const code = landed.url.searchParams.get("code") ?? "";
      forget(code);
      const first = await tokensOf(await provider.exchange(code, { client }));
      keep(first);
      const second = await tokensOf(await provider.refresh(first.refresh_token, { client }));
      keep(second);
      await provider.refresh(first.refresh_token, { client });
      await userinfo(provider, second.access_token);
      await introspect(provider, second.access_token, "shop");
      await browser.open(provider.authorizeUrl({ client, parameters: { prompt: "login" } }));
      browser.cookies.forEach((cookie) => forget(cookie));
    }
  }
  const machine = await provider.post("/token", {
    grant_type: "client_credentials",
    resource: "https://api.example",
    ...provider.credentials("machine"),
  });
  keep(await tokensOf(machine));
  const leaving = await signInOffline(provider);
  keep(leaving);
  await provider.post("/revoke", { token: leaving.refresh_token, ...provider.credentials() });
  const pushed = await provider.post("/par", {
    ...Object.fromEntries(new URL(provider.authorizeUrl(), "https://x").searchParams),
    ...provider.credentials(),
  });
  const { request_uri } = await pushed.json();
  forget(request_uri);
  secrets.add(request_uri.split(":").at(-1));

  assert(secrets.size > 50, `${secrets.size} secrets`);
  for (const [key, value] of await snapshot(provider.backend)) {
    for (const text of [...textsOf(JSON.parse(key)), ...textsOf(value)]) {
      for (const secret of secrets) {
        assertEquals(text.includes(secret), false, `${secret} is stored under ${key}`);
      }
    }
  }
});
