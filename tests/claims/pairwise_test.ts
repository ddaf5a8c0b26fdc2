import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { sectorOf } from "../../stores/sector.ts";
import { anAdminApi } from "../admin/api.ts";
import { configure, register } from "../registration/registration.ts";
import { ask, outcomeAt, signedInBrowser } from "../support/authorization.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { aTelevision, beginDevice, typeCode } from "../support/devices.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { introspect, signIn, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";
import { sectorWeb, testWeb } from "../support/web.ts";

const pairwise = { subject_type: "pairwise", skip_consent: true };
const sector = "https://sector.example/uris.json";

function tokens(provider: TestProvider, client: string) {
  return signIn(provider, { client });
}

const subjectIn = (idToken: string) => String(decodeJwt(idToken).sub);

Deno.test("a pairwise client sees a user by a name of its sector, at each endpoint the same", async () => {
  await using provider = await aProvider({
    clients: [
      aClient("shop", pairwise),
      aClient("forum", pairwise),
      aClient("open", { skip_consent: true }),
      aClient("one", { ...pairwise, sector_identifier_uri: sector }),
      aClient("two", { ...pairwise, sector_identifier_uri: sector }),
    ],
    transport: sectorWeb(sector, ["one", "two"].map((id) => redirectUriOf(aClient(id)))),
  });
  const { userId } = await provider.userOf("alice");
  const subjects: Record<string, string> = {};
  for (const client of ["shop", "forum", "open", "one", "two"]) {
    const got = await signInOffline(provider, { client });
    const sub = subjects[client] = subjectIn(got.id_token);
    const told = await (await userinfo(provider, got.access_token)).json();
    const active = await introspect(provider, got.access_token, client);
    assertEquals([told.sub, active.sub], [sub, sub], client);
    const refresh = await introspect(provider, got.refresh_token, client);
    const renewed = await tokensOf(await provider.refresh(got.refresh_token, { client }));
    assertEquals([refresh.sub, subjectIn(renewed.id_token)], [sub, sub], client);
  }
  assertEquals(subjects.open, userId);
  assertEquals(subjects.one, subjects.two);
  const all = new Set(Object.values(subjects));
  assertEquals(all.size, 4);
  // Nothing that is stored in the clear would tell them apart.
  const keys = [...(await snapshot(provider.backend))].filter(([key]) => key.includes("pairwise"));
  assertEquals(keys.length, 1);
  assert(!JSON.stringify(keys).includes(userId));
});

Deno.test("id_token_hint, claims and logout mean a user by the pairwise subject, and no other client's", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", pairwise), aClient("forum", pairwise)],
  });
  const browser = await signedInBrowser(provider, { client: "shop" });
  const hints: Record<string, string> = {};
  for (const client of ["shop", "forum"]) hints[client] = (await tokens(provider, client)).id_token;
  const silent = (id_token_hint: string | undefined) => ({ prompt: "none", id_token_hint });
  assertEquals(await outcomeAt(provider, browser, silent(hints.shop), "shop"), "code");
  const foreign = await outcomeAt(provider, browser, silent(hints.forum), "shop");
  assertEquals(foreign, "error login_required");
  const named = (sub: string) => ({
    prompt: "none",
    claims: JSON.stringify({ id_token: { sub: { value: sub } } }),
  });
  const own = subjectIn(hints.shop ?? "");
  assertEquals(await outcomeAt(provider, browser, named(own), "shop"), "code");
  const { userId } = await provider.userOf("alice");
  const byId = await outcomeAt(provider, browser, named(userId), "shop");
  assertEquals(byId, "error login_required", "the user's own id means nobody here");
  // Over the sign-in page too: the hint waits as the client's name for the user.
  const fresh = provider.browser();
  const page = await ask(provider, {
    browser: fresh,
    client: "shop",
    parameters: { id_token_hint: hints.shop },
  });
  const landed = await fresh.submit(page, {
    username: alice.username,
    password: alice.password,
  });
  assertEquals(landed.url.searchParams.has("code"), true);
});

Deno.test("no request of a device or of the back channel tells whose a public id is", async () => {
  const own = { subject_type: "pairwise", sector_identifier_uri: sector };
  const clients = [
    aTelevision("tv", own),
    aClient("shop", { ...pairwise, ...own }),
    aTelevision("open"),
  ];
  const transport = sectorWeb(sector, [redirectUriOf(aClient("shop"))]);
  await using provider = await aProvider({ clients, transport });
  const { userId } = await provider.userOf("alice");
  const subject = subjectIn((await tokens(provider, "shop")).id_token);
  const mayAllow = async (client: string, sub: string) => {
    const claims = JSON.stringify({ id_token: { sub: { value: sub } } });
    const { user_code } = await beginDevice(provider, client, { scope: "openid", claims });
    const landed = await typeCode(provider.browser(), user_code);
    assertEquals(landed.url.pathname, "/device/confirm");
    return landed.body.includes(`value="allow"`);
  };
  assertEquals(await mayAllow("tv", subject), true);
  assertEquals(await mayAllow("open", userId), true);
  assertEquals(await mayAllow("tv", userId), false);
  assertEquals(await mayAllow("tv", "A".repeat(22)), false);
});

Deno.test("a session has another sid in each sector, the same wherever a client is told of it", async () => {
  const told = (name: string) => ({
    backchannel_logout_uri: `https://${name}.example/back`,
    frontchannel_logout_uri: `https://${name}.example/front`,
    web_origins: [`https://${name}.example`],
  });
  const clients = ["shop", "forum", "open"].map((name) =>
    aClient(name, { ...(name === "open" ? { skip_consent: true } : pairwise), ...told(name) })
  );
  const receiver = logoutReceiver();
  await using provider = await aProvider({ clients, transport: receiver });
  const browser = await signedInBrowser(provider, { client: "open" });
  const idTokens: Record<string, string> = {};
  const sids: Record<string, string> = {};
  for (const client of ["shop", "forum", "open"]) {
    idTokens[client] = (await signIn(provider, { browser, client })).id_token;
    sids[client] = String(decodeJwt(idTokens[client] ?? "").sid);
    const body = new URLSearchParams({ client_id: client });
    const headers = { origin: `https://${client}.example` };
    const asked = await browser.send("/session/token", { method: "POST", body, headers });
    const made = await asked.json();
    const form = { token: made.token, ...provider.credentials(client) };
    const answer = await (await provider.post("/session/token/verify", form)).json();
    assertEquals(answer.sid, sids[client], client);
  }
  const stored = JSON.stringify([...await snapshot(provider.backend)]);
  const isStored = (client: string) => stored.includes(sids[client] ?? "");
  assertEquals([isStored("open"), isStored("shop"), isStored("forum")], [true, false, false]);
  assertEquals(new Set(Object.values(sids)).size, 3);
  assert(!Object.values(sids).includes(subjectIn(idTokens.shop ?? "")));

  // The hint of another session asks; that of this one does not.
  const other = (await signIn(provider, { client: "shop" })).id_token;
  const leave = (hint: string) =>
    browser.open(`/logout?${new URLSearchParams({ id_token_hint: hint })}`);
  const asked = await leave(other);
  assert(!asked.body.includes("<iframe"), "nothing has ended");
  const { body } = await leave(idTokens.shop ?? "");
  for (const client of ["shop", "forum", "open"]) {
    const query = new URLSearchParams({ iss: issuer, sid: sids[client] ?? "" });
    const url = `https://${client}.example/front?${query}`;
    assert(body.includes(url.replaceAll("&", "&amp;")), client);
  }
  await provider.deps.background.ended();
  await tellOfLogouts(provider.deps);
  const expected = Object.entries(sids).map(([client, sid]) => `${client} ${sid}`);
  assertEquals(receiver.accepted(), expected.toSorted());
});

Deno.test("a change of the sector ends the client's grants: none changes whom it is about", async () => {
  await using api = await anAdminApi({ clients: [aClient("shop", { skip_consent: true })] });
  const { provider } = api;
  const before = await tokens(provider, "shop");
  const changed = await api.patch("/clients/shop", { subject_type: "pairwise" });
  assertEquals(changed.status, 200);
  assertEquals((await userinfo(provider, before.access_token)).status, 401);
  const after = await tokens(provider, "shop");
  assertNotEquals(subjectIn(after.id_token), subjectIn(before.id_token));
  const named = await api.patch("/clients/shop", { client_name: "Shop" });
  assertEquals(named.status, 200);
  assertEquals((await userinfo(provider, after.access_token)).status, 200);
});

Deno.test("a sector is registered only if its document names each redirect URI", async () => {
  const web = testWeb();
  await using api = await anAdminApi({ transport: web, config: { registration: "open" } });
  const { provider } = api;
  const redirect_uris = ["https://a.example/cb", "https://b.example/cb"];
  const asked = { redirect_uris, subject_type: "pairwise" };
  const codes = async (metadata: unknown) => {
    const { status, body } = await register(provider, metadata);
    return `${status} ${body.error ?? ""}`.trim();
  };
  assertEquals(await codes(asked), "400 invalid_client_metadata", "two hosts");
  const withSector = { ...asked, sector_identifier_uri: sector };
  const answers = [
    null,
    { status: 302 },
    "no JSON",
    "{}",
    "[1]",
    JSON.stringify(redirect_uris.slice(1)),
    JSON.stringify(redirect_uris.map((uri) => `${uri}/`)),
  ];
  for (const answer of answers) {
    web.publish(sector, answer);
    assertEquals(await codes(withSector), "400 invalid_client_metadata", JSON.stringify(answer));
  }
  for (const uri of ["http://sector.example/", "https://u:p@sector.example/", "no"]) {
    const wrong = { ...asked, sector_identifier_uri: uri };
    assertEquals(await codes(wrong), "400 invalid_client_metadata", uri);
  }
  web.publish(sector, JSON.stringify([...redirect_uris, "https://c.example/cb"]));
  const { status, body } = await register(provider, withSector);
  assertEquals([status, body.sector_identifier_uri], [201, sector]);
  const own = { uri: body.registration_client_uri, token: body.registration_access_token };
  const client_id = body.client_id;
  const worse = { ...withSector, client_id, redirect_uris: ["https://thief.example/cb"] };
  const refused = await configure(provider, "PUT", { ...own, body: worse });
  assertEquals([refused.status, refused.body.error], [400, "invalid_client_metadata"]);
  // An operator's is checked too.
  const made = { ...withSector, client_id: "shop2" };
  const good = await api.post("/clients", made);
  assertEquals(good.status, 201);
  web.publish(sector, "[]");
  const bad = await api.patch("/clients/shop2", { client_name: "Shop" });
  assertEquals(bad.status, 422);
});

Deno.test("a private-use scheme has no host: its client needs a sector_identifier_uri for pairwise", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", pairwise)],
    config: { registration: "open" },
  });
  const members = { application_type: "native", subject_type: "pairwise" };
  const verdicts: [string[], number][] = [
    [["com.evil.app://shop.example/callback"], 400],
    [["com.evil.app:/callback"], 400],
    [["com.evil.app://shop.example/callback", "https://shop.example/callback"], 400],
    [["https://app.example/callback"], 201],
    [["http://127.0.0.1/callback"], 201],
  ];
  for (const [redirect_uris, expected] of verdicts) {
    const { status } = await register(provider, { ...members, redirect_uris });
    assertEquals(status, expected, redirect_uris.join());
  }
  // Nor does a record that says so get into the sector of that host.
  const sectors = [["https://shop.example/callback"], ["com.evil.app://shop.example/callback"]].map(
    (redirectUris) =>
      sectorOf({ subjectType: "pairwise", sectorIdentifierUri: null, redirectUris }),
  );
  assertEquals(sectors, ["shop.example", "com.evil.app://shop.example/callback"]);
});

Deno.test("a port is no part of the sector, which is a host", () => {
  const at = (...redirectUris: string[]) =>
    sectorOf({ subjectType: "pairwise", sectorIdentifierUri: null, redirectUris });
  assertEquals(at("https://shop.example:8443/a"), "shop.example");
  assertEquals(at("https://shop.example/b"), "shop.example");
  const sectorIdentifierUri = "https://shop.example:444/uris.json";
  const named = sectorOf({ subjectType: "pairwise", sectorIdentifierUri, redirectUris: [] });
  assertEquals(named, "shop.example");
});
