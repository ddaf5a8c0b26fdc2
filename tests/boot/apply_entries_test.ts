import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as clients from "../../stores/clients.ts";
import { byGroup } from "../../stores/group_members.ts";
import * as providers from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { digest } from "../../src/crypto/digest.ts";
import { closedType, paymentType } from "../support/authorization_details.ts";
import { defaultConfig } from "../support/config.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import { NotConnected } from "../../src/deps/transport.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { testWeb } from "../support/web.ts";
import { anInstallation, newKey, oldKey } from "./installation.ts";
import { changeUser, eventTypes, readRecord, readUser } from "./store_contents.ts";

const api = {
  resource: "https://api.example/orders",
  scopes: ["read:orders"],
  access_token_format: "jwt",
  introspection_clients: ["orders"],
};
const mara = {
  username: "Mara",
  password: "quiet harbour",
  claims: { name: "Mara Lindqvist", email: "mara@example.com" },
};
const file = { clients: [aClient("shop")], users: [mara], resources: [api] };
const entryEvents = /^(client|group|user|resource)_/;

Deno.test("the first start creates an entry of each kind, with an event for each", async () => {
  await using installation = await anInstallation();
  const { deps, setupLink } = await installation.boot(file);

  const shop = await readRecord(deps, clients.ref("shop"));
  assertEquals(shop.secretDigest, await digest("the secret of shop"));
  const { value: user } = await readUser(deps, "mara");
  assertEquals([user.username, user.claims.name], ["Mara", "Mara Lindqvist"]);
  assertEquals(user.administrator, false);
  assert(await deps.passwordHasher.verify("quiet harbour", user.passwordHash ?? ""));
  const resource = await readRecord(deps, resources.ref(api.resource));
  assertEquals(resource.accessTokenFormat, "jwt");
  assertEquals(resource.introspectionClients, ["orders"]);
  assertEquals(setupLink, null);
  const events = (await eventTypes(deps)).filter((type) => entryEvents.test(type));
  assertEquals(events, ["client_created", "resource_created", "user_created"]);
});

Deno.test("types of authorization details are created, and changed with their entries", async () => {
  await using installation = await anInstallation();
  const typesOf = async (authorization_detail_types: readonly unknown[]) => {
    const { deps } = await installation.boot({ ...file, authorization_detail_types });
    const { authorizationDetailTypes: types } = await readRecord(deps, providers.ref());
    return types.map(({ type, text }) => `${type}: ${text.en}`);
  };
  assertEquals(await typesOf([paymentType]), ["payment_initiation: Pay from your account"]);
  const changed = { ...paymentType, text: { en: "Pay" } };
  assertEquals(await typesOf([changed]), ["payment_initiation: Pay"]);
  const many = Array.from({ length: 16 }, (_, n) => ({ ...closedType, type: `t${n}` }));
  for (const wrong of [many, [{ ...closedType, text: {} }], [closedType, closedType]]) {
    await assertRejects(() => typesOf(wrong), ConfigError, "authorization_detail_types");
  }
});

Deno.test("a client whose sector does not name it, or is down, is left as it is until a start that finds it", async () => {
  await using installation = await anInstallation();
  const web = testWeb();
  const sector = "https://sector.example/uris.json";
  const logged: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => logged.push(message) };
  const own = (id: string, members = {}) =>
    aClient(id, { subject_type: "pairwise", sector_identifier_uri: sector, ...members });
  const namesAfter = async (...entries: ReturnType<typeof own>[]) => {
    const { deps } = await installation.boot({ clients: entries }, { transport: web, logger });
    const { one, two } = await deps.kv.step(
      systemOrigin,
      (tx) => tx.read({ one: clients.ref("one"), two: clients.ref("two") }),
    );
    return [one.value?.clientName, two.value?.clientName];
  };
  const [one, two] = [own("one", { client_name: "One" }), own("two", { client_name: "Two" })];
  const [uri, other] = [redirectUriOf(one), redirectUriOf(two)];
  const both = JSON.stringify([uri, other]);
  const wrong = [null, "no JSON", "{}", { status: 302 }, "[]", { status: 404, body: both }];
  for (const answer of wrong) {
    web.publish(sector, answer);
    assertEquals(await namesAfter(one, two), [undefined, undefined], JSON.stringify(answer));
  }
  assertStringIncludes(logged[0] ?? "", `client "one"`);
  assertStringIncludes(logged[0] ?? "", "sector_identifier_uri must name a JSON array");
  web.publish(sector, JSON.stringify([uri]));
  assertEquals(await namesAfter(one, two), ["One", undefined]);
  web.publish(sector, both);
  assertEquals(await namesAfter(one, two), ["One", "Two"]);
  // Each start asked once, and one that has nothing to apply does not ask.
  assertEquals(web.asked.length, wrong.length + 2);
  web.publish(sector, null);
  assertEquals(await namesAfter(one, two), ["One", "Two"]);
  assertEquals(web.asked.length, wrong.length + 2);
  // A change waits as well, and the stored client stays.
  const renamed = { ...one, client_name: "Another" };
  assertEquals(await namesAfter(renamed, two), ["One", "Two"]);
  web.publish(sector, JSON.stringify([uri]));
  assertEquals(await namesAfter(renamed, two), ["Another", "Two"]);
  const down = { ...web, resolve: () => Promise.reject(new NotConnected("no such host")) };
  const { deps } = await installation.boot(
    { clients: [{ ...one, client_name: "Third" }, aClient("shop")] },
    { transport: down },
  );
  assertEquals((await readRecord(deps, clients.ref("one"))).clientName, "Another");
  assertEquals((await readRecord(deps, clients.ref("shop"))).clientId, "shop");
});

Deno.test("a sector may be in the operator's own network, and a limit of its host delays its client alone", async () => {
  await using installation = await anInstallation();
  const web = testWeb();
  const inside = { ...web, resolve: () => Promise.resolve(["10.0.0.7"]) };
  const own = (id: string) => {
    const sector = `https://sector.example/${id}.json`;
    const client = aClient(id, { subject_type: "pairwise", sector_identifier_uri: sector });
    web.publish(sector, JSON.stringify([redirectUriOf(client)]));
    return client;
  };
  const { deps } = await installation.boot({ clients: [own("one"), own("two"), aClient("shop")] }, {
    transport: inside,
    config: {
      outgoing: { ...defaultConfig.outgoing, privateNetworks: ["10.0.0.0/8"] },
      limits: { ...defaultConfig.limits, outgoingHost: { count: 1, seconds: 60 } },
      rateLimits: true,
    },
  });
  const created = await deps.kv.step(
    systemOrigin,
    (tx) =>
      tx.read({ one: clients.ref("one"), two: clients.ref("two"), shop: clients.ref("shop") }),
  );
  const ids = Object.values(created).flatMap(({ value }) => value?.clientId ?? []);
  assertEquals(ids, ["one", "shop"]);
});

Deno.test("an unchanged entry does not set back a password or a secret changed later", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const passwordHash = await deps.passwordHasher.hash("a password of her own");
  await changeUser(deps, "mara", { passwordHash });
  await changeClient("shop");

  // Neither the order of members nor white space is content.
  const reordered = Object.fromEntries(Object.entries(mara).reverse());
  await installation.boot({ ...file, users: [reordered] });

  assertEquals((await readUser(deps, "mara")).value.passwordHash, passwordHash);
  assertEquals((await readRecord(deps, clients.ref("shop"))).secretDigest, "another");

  async function changeClient(clientId: string) {
    await deps.kv.step(systemOrigin, async (tx) => {
      const { client } = await tx.read({ client: clients.ref(clientId) });
      if (client.value === null) return;
      clients.replace(tx, client, { ...client.value, secretDigest: "another" });
    });
  }
});

Deno.test("a changed entry is applied again, once, and deletes nothing", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const before = await readUser(deps, "mara");
  await changeUser(deps, "mara", { claims: { ...before.value.claims, nickname: "Mo" } });
  installation.clock.advance(60);

  const changed = {
    clients: [aClient("shop", { client_name: "The new shop" })],
    users: [{ username: "MARA", claims: { email: "mara@example.org" } }],
    resources: [{ ...api, access_token_format: "opaque" }],
  };
  await installation.boot(changed);
  await installation.boot(changed);

  const user = await readUser(deps, "mara");
  assertEquals(user.ref, before.ref);
  assertEquals(user.value, {
    ...before.value,
    username: "MARA",
    claims: { name: "Mara Lindqvist", email: "mara@example.org", nickname: "Mo" },
    updatedAt: before.value.updatedAt + 60,
  });
  const shop = await readRecord(deps, clients.ref("shop"));
  assertEquals(shop.clientName, "The new shop");
  assertEquals(shop.updatedAt, shop.createdAt + 60);
  const resource = await readRecord(deps, resources.ref(api.resource));
  assertEquals(resource.accessTokenFormat, "opaque");
  const events = (await eventTypes(deps)).filter((type) => entryEvents.test(type));
  assertEquals(events.slice(3), ["client_updated", "resource_updated", "user_updated"]);
});

Deno.test("an entry that is removed from the file stays in the store, and is not applied when it returns", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  await installation.boot({});
  await changeUser(deps, "mara", { claims: {} });
  await installation.boot(file);

  assertEquals((await readUser(deps, "mara")).value.claims, {});
  await readRecord(deps, clients.ref("shop"));
});

Deno.test("processes that start at once apply each entry once", async () => {
  await using installation = await anInstallation();
  const many = {
    clients: Array.from({ length: 12 }, (_, i) => aClient(`client-${i}`)),
    users: Array.from({ length: 3 }, (_, i) => ({ ...mara, username: `person-${i}` })),
  };
  const [{ deps }] = await Promise.all([installation.boot(many), installation.boot(many)]);

  const events = (await eventTypes(deps)).filter((type) => entryEvents.test(type));
  assertEquals(events, [
    ...Array.from({ length: 12 }, () => "client_created"),
    ...Array.from({ length: 3 }, () => "user_created"),
  ]);
});

Deno.test("applied entries stay known after a rotation of the master key", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  await changeUser(deps, "mara", { claims: {} });

  await installation.boot(file, { key: newKey, previous: oldKey });
  await installation.boot(file, { key: newKey });

  assertEquals((await readUser(deps, "mara")).value.claims, {});
});

Deno.test("the store holds no password and no secret of the file", async () => {
  await using installation = await anInstallation();
  await installation.boot(file);

  const { entries } = await installation.backend.list(
    { start: [""], end: ["\u{10ffff}"] },
    { limit: 500 },
  );
  const stored = JSON.stringify(entries);
  assert(stored.includes("Mara Lindqvist"));
  for (const secret of ["quiet harbour", "the secret of shop"]) assert(!stored.includes(secret));
});

Deno.test("a second spelling of a resource is refused", async () => {
  await using installation = await anInstallation();
  const resources = [{ resource: "https://api.example" }, { resource: "https://api.example/" }];
  const refusal = await assertRejects(() => installation.boot({ resources }), ConfigError);
  assertStringIncludes(refusal.message, "https://api.example/, which is there as https://api.exam");
  const misspelt = { resources: [{ resource: "https://API.example/x" }] };
  const wrong = await assertRejects(() => installation.boot(misspelt), ConfigError);
  assertStringIncludes(wrong.message, "must begin as URL parsers write it: https://api.example");
});

Deno.test("a verified address of another user is refused", async () => {
  await using installation = await anInstallation();
  const verified = { email: "us@example.com", email_verified: true };
  const people = [{ ...mara, claims: verified }, { ...mara, username: "tom", claims: verified }];
  const refusal = await assertRejects(() => installation.boot({ users: people }), ConfigError);
  assertStringIncludes(refusal.message, "gives tom a verified email that is another user's");
  await installation.boot({ users: [people[0]] });
  await installation.boot({
    users: [{ ...mara, username: "tom", claims: { email: verified.email } }],
  });
  const later = [{ username: "tom", claims: { email_verified: true } }];
  const second = await assertRejects(() => installation.boot({ users: later }), ConfigError);
  assertStringIncludes(second.message, "gives tom a verified email that is another user's");
  await installation.boot({ users: [{ ...mara, claims: { ...verified, name: "Mara" } }] });
});

Deno.test("another address in an entry is not verified, unless the entry says so", async () => {
  await using installation = await anInstallation();
  const boot = async (claims: Record<string, unknown>) => {
    const { deps } = await installation.boot({ users: [{ ...mara, claims }] });
    return (await readUser(deps, "mara")).value.claims;
  };
  const proved = { email: "us@example.com", email_verified: true };
  await boot(proved);
  assertEquals(await boot({ email: "US@example.com" }), proved);
  const other = { email: "them@example.com", email_verified: false };
  assertEquals(await boot({ email: other.email }), other);
  const verified = { ...other, email_verified: true };
  assertEquals(await boot({ email_verified: true }), verified);
  const users = [{ username: "tom", claims: { email_verified: true } }];
  const refusal = await assertRejects(() => installation.boot({ users }), ConfigError);
  assertStringIncludes(
    refusal.message,
    "claims.email_verified that must not be true without email",
  );
});

Deno.test("a new password in an entry ends the sessions of the old one, and the same password ends nothing", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const { epoch } = (await readUser(deps, "mara")).value;

  await installation.boot({ users: [{ ...mara, claims: {} }] });
  assertEquals((await readUser(deps, "mara")).value.epoch, epoch);
  await installation.boot({ users: [{ ...mara, password: "another harbour" }] });
  assertEquals((await readUser(deps, "mara")).value.epoch, epoch + 1);
});

Deno.test("the file creates groups and puts users into them, and takes nobody out", async () => {
  await using installation = await anInstallation();
  const groups = [{ group: "staff", description: "all of us" }, { group: "admins" }];
  await installation.boot({ groups, users: [{ ...mara, groups: ["staff"] }] });
  const { deps } = await installation.boot({ groups, users: [{ ...mara, groups: ["admins"] }] });
  assertEquals((await readUser(deps, "mara")).value.groups, ["admins", "staff"]);
  const { entries } = await deps.kv.list({ collection: byGroup, limit: 10 });
  assertEquals(entries.map(({ ref }) => ref.key[1]), ["admins", "staff"]);

  const lost = { groups, users: [{ ...mara, username: "Nils", claims: {}, groups: ["stuff"] }] };
  const error = await assertRejects(() => installation.boot(lost), ConfigError);
  assertStringIncludes(error.message, "the group stuff, which does not exist");
});

Deno.test("the file cannot give a user more groups or claims than the API", async () => {
  await using installation = await anInstallation();
  const names = Array.from({ length: 100 }, (_, n) => `g${n}`);
  const groups = [...names, "one"].map((group) => ({ group }));
  const custom_claims = ["a", "b"].map((claim) => ({
    claim,
    type: "strings",
    scope: "profile",
  }));
  const { deps } = await installation.boot({ groups, custom_claims, users: [mara] });
  const long = Array.from({ length: 32 }, () => "x".repeat(100));
  await changeUser(deps, "mara", { groups: names.sort(), customClaims: { a: long } });
  for (const more of [{ groups: ["one"] }, { custom_claims: { b: long } }]) {
    const file = { groups, custom_claims, users: [{ ...mara, ...more }] };
    await assertRejects(() => installation.boot(file), ConfigError);
  }
});

Deno.test("a group that a client of the file allows, and that does not exist, is one warning", async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await using installation = await anInstallation();
  const shop = { ...aClient("shop"), allowed_groups: ["staff", "stuff"] };
  const withGroup = { clients: [shop], groups: [{ group: "staff" }] };
  await installation.boot(withGroup, { logger });
  await installation.boot(withGroup, { logger }); // applied before
  assertEquals(warnings.filter((message) => message.includes("group")), [
    'client "shop" of the bootstrap file allows the group stuff, which does not exist: add it to \
groups, or create it by the admin API',
  ]);
});
